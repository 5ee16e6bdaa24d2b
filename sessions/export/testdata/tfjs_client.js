// Opens folders with TensorFlow.js and compares what they predict: node tfjs_client.js JOBS.json, run where
// @tensorflow/tfjs is installed.
const fs = require('fs');
const path = require('path');
const tf = require(require.resolve('@tensorflow/tfjs', { paths: [process.cwd()] }));

// files reads a model as a browser would: model.json, and the binary files that it names.
function files(folder) {
  const model = JSON.parse(fs.readFileSync(path.join(folder, 'model.json'), 'utf8'));
  const parts = model.weightsManifest.flatMap((group) => group.paths.map((p) => fs.readFileSync(path.join(folder, p))));
  const data = Buffer.concat(parts);
  return tf.io.fromMemory({
    ...model,
    weightSpecs: model.weightsManifest.flatMap((group) => group.weights),
    weightData: data.buffer.slice(data.byteOffset, data.byteOffset + data.length),
  });
}

async function main() {
  await tf.setBackend('cpu');
  const results = [];
  for (const job of JSON.parse(fs.readFileSync(process.argv[2], 'utf8'))) {
    const result = { name: job.name, what: 'tfjs', diff: 0 };
    try {
      const { x, y, shape, out } = job.more;
      const model = await tf.loadLayersModel(files(job.path));
      const got = model.predict(tf.tensor(x, shape));
      if (JSON.stringify(got.shape) !== JSON.stringify(out)) throw new Error(`the shape is ${got.shape}, want ${out}`);
      const top = y.reduce((a, b) => Math.max(a, Math.abs(b)), 1);
      const values = got.dataSync();
      result.diff = y.reduce((a, b, i) => Math.max(a, Math.abs(b - values[i])), 0) / top;
      if (Number.isNaN(values[0])) throw new Error('the prediction is not a number');
      tf.disposeVariables();
    } catch (e) {
      result.error = String(e);
    }
    results.push(result);
  }
  console.log(JSON.stringify(results));
}

main();
