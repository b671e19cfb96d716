// Symmetric positive definite matrices by their Cholesky factor: systems, draws and determinants.

/** Rows of L up to the diagonal, with L L^T the matrix; null where it is none such. @param {number[][]} matrix */
export function factorOf(matrix) {
  /** @type {number[][]} */
  const rows = [];
  for (let i = 0; i < matrix.length; i++) {
    rows.push([]);
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i][j];
      for (let k = 0; k < j; k++) sum -= rows[i][k] * rows[j][k];
      if (i === j && !(sum > 0)) return null;
      rows[i].push(i === j ? Math.sqrt(sum) : sum / rows[j][j]);
    }
  }
  return rows;
}

/** y with L y = b. @param {number[][]} factor @param {ArrayLike<number>} b */
export function forward(factor, b) {
  /** @type {number[]} */
  const y = [];
  factor.forEach((row, i) => {
    let sum = b[i];
    for (let k = 0; k < i; k++) sum -= row[k] * y[k];
    y.push(sum / row[i]);
  });
  return y;
}

/** x with L^T x = y. @param {number[][]} factor @param {ArrayLike<number>} y */
export function backward(factor, y) {
  const x = Array(factor.length).fill(0);
  for (let i = factor.length - 1; i >= 0; i--) {
    let sum = y[i];
    for (let k = i + 1; k < factor.length; k++) sum -= factor[k][i] * x[k];
    x[i] = sum / factor[i][i];
  }
  return x;
}

/** Half the logarithm of the determinant. @param {number[][]} factor */
export function logDeterminant(factor) {
  return factor.reduce((sum, row, i) => sum + Math.log(row[i]), 0);
}
