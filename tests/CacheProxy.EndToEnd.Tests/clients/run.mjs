// Runs all scenarios of one group against one server and prints what the application sees as one JSON line:
// {scenario: {value} or {error}}. A group that keeps something open says how it ends. One process a group: starting Node and loading a client costs more than most scenarios.
//   node clients/run.mjs BASE_URL GROUP
const [baseURL, group] = process.argv.slice(2);
const { default: create } = await import(`./${group}.mjs`);
const results = {};
const scenarios = create(baseURL);
for (const [name, scenario] of Object.entries(scenarios)) {
  try {
    results[name] = { value: await scenario() };
  } catch (error) {
    results[name] = { error: error.stack ?? String(error) };
  }
}

await scenarios[Symbol.asyncDispose]?.();
console.log(JSON.stringify(results));
