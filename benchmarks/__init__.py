"""What the speed claims rest on: each benchmark prints ratios against a named peer measured in the same run."""
