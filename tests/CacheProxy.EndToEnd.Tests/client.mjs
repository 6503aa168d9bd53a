// One call, or a few that belong together, of the real openai client. Prints what the application sees as one JSON line.
//   node client.mjs BASE_URL SCENARIO
import OpenAI from 'openai';

const [baseURL, scenario] = process.argv.slice(2);
const model = 'smollm2-135m-instruct';
const client = new OpenAI({ baseURL: `${baseURL}/v1`, apiKey: 'sk-end-to-end', maxRetries: 0, timeout: 120_000 });

const question = (content, more = {}) => ({
  model,
  temperature: 0,
  max_completion_tokens: 24,
  messages: [{ role: 'system', content: 'You are a terse assistant. Grüße!' }, { role: 'user', content }],
  ...more,
});

// The fields that an application can rely on, whichever server answers.
const outcome = async (call) => {
  try {
    return { answered: await call() };
  } catch (error) {
    return {
      type: error.constructor.name, status: error.status, code: error.code, param: error.param, message: error.message,
      kind: error.type, cacheStatus: error.headers?.get('cache-status') ?? null,
    };
  }
};

const ask = async (body) => {
  const { data, response } = await client.chat.completions.create(body).withResponse();
  return {
    id: data.id,
    text: data.choices[0].message.content,
    reason: data.choices[0].finish_reason,
    usage: data.usage,
    cacheStatus: response.headers.get('cache-status'),
    age: response.headers.get('age'),
    prefix: response.headers.get('x-cacheproxy-prefix'),
  };
};

const stream = async (body) => {
  const { data, response } = await client.chat.completions.create({ ...body, stream: true, stream_options: { include_usage: true } }).withResponse();
  const result = { id: null, text: '', pieces: 0, reason: null, usage: null, cacheStatus: response.headers.get('cache-status') };
  for await (const chunk of data) {
    result.id = chunk.id;
    result.usage = chunk.usage ?? result.usage;
    result.reason = chunk.choices[0]?.finish_reason ?? result.reason;
    result.text += chunk.choices[0]?.delta?.content ?? '';
    result.pieces += chunk.choices[0]?.delta?.content ? 1 : 0;
  }
  return result;
};

const tools = [{ type: 'function', function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } }];

// Of a model with a tools template (ToolModel.cs), which has to call.
const parameters = { type: 'object', additionalProperties: false, required: ['city'], properties: { city: { type: 'string', maxLength: 12 } } };
const toolQuestion = (content, toolChoice) => ({
  model: 'tiny-tools',
  temperature: 0,
  max_completion_tokens: 120,
  messages: [{ role: 'user', content }],
  tools: ['get_weather', 'get_time'].map((name) => ({ type: 'function', function: { name, parameters } })),
  tool_choice: toolChoice,
  parallel_tool_calls: false,
});
const named = { type: 'function', function: { name: 'get_weather' } };

const callWhole = async (body) => {
  const { data, response } = await client.chat.completions.create(body).withResponse();
  const { message, finish_reason: reason } = data.choices[0];
  const calls = message.tool_calls.map((call) => ({ id: call.id, name: call.function.name, arguments: call.function.arguments }));
  return { calls, reason, content: message.content, cacheStatus: response.headers.get('cache-status') };
};

const callStreamed = async (body) => {
  const { data, response } = await client.chat.completions.create({ ...body, stream: true }).withResponse();
  const result = { calls: [], pieces: 0, reason: null, content: '', cacheStatus: response.headers.get('cache-status') };
  for await (const chunk of data) {
    const choice = chunk.choices[0];
    result.reason = choice?.finish_reason ?? result.reason;
    result.content += choice?.delta?.content ?? '';
    for (const delta of choice?.delta?.tool_calls ?? []) {
      const call = (result.calls[delta.index] ??= { id: delta.id, name: '', arguments: '' });
      call.name += delta.function?.name ?? '';
      call.arguments += delta.function?.arguments ?? '';
      result.pieces += delta.function?.arguments ? 1 : 0;
    }
  }
  return result;
};

const callBoth = async (body) => ({ streamed: await callStreamed(body), whole: await callWhole(body) });

const scenarios = {
  toolNamed: () => callBoth(toolQuestion('Weather in Paris?', named)),
  toolRequired: () => callBoth(toolQuestion('Time in Paris?', 'required')),
  toolRepeated: () => callBoth(toolQuestion('Weather in Rome?', named)),
  plain: () => ask(question('Name a colour.')),
  stream: () => stream(question('Name a fruit.')),
  sameInBothModes: async () => {
    const body = question('Name an animal.');
    return { whole: await ask(body), streamed: await stream(body) };
  },
  repeated: async () => {
    const body = question('Name a river in Europe.');
    return { first: await ask(body), second: await ask(body), streamed: await stream(body) };
  },
  streamHelper: async () => {
    const runner = client.chat.completions.stream(question('Name a country.'));
    return { text: await runner.finalContent(), reason: (await runner.finalChatCompletion()).choices[0].finish_reason };
  },
  tools: () => outcome(() => ask(question('What is the weather in Paris?', { tools }))),
  toolsStreamed: () => outcome(() => stream(question('What is the weather in Paris?', { tools }))),
  jsonSchema: async () => {
    const schema = {
      type: 'object', additionalProperties: false, required: ['name', 'legs'],
      properties: { name: { type: 'string', maxLength: 20 }, legs: { type: 'integer', minimum: 0, maximum: 8 } },
    };
    const body = question('Describe an animal as JSON.', {
      temperature: 1, max_completion_tokens: 60, response_format: { type: 'json_schema', json_schema: { name: 'animal', strict: true, schema } },
    });
    const parsed = await client.chat.completions.parse(body);
    return { parsed: parsed.choices[0].message.parsed ?? JSON.parse(parsed.choices[0].message.content), streamed: JSON.parse((await stream(body)).text) };
  },
  jsonSchemaRefused: () => outcome(() => ask(question('Hi', { response_format: { type: 'json_schema', json_schema: { name: 'n', schema: { not: {} } } } }))),
  logitBias: () => ask(question('Name a colour.', { max_completion_tokens: 5, logit_bias: { 30: 100 } })),
  unknownModel: () => outcome(() => ask(question('Hi', { model: 'no-such-model' }))),
  emptyMessages: () => outcome(() => ask({ model, messages: [] })),
  negativeMaxTokens: () => outcome(() => ask(question('Hi', { max_completion_tokens: -1 }))),
  tooLong: () => outcome(() => ask(question('word '.repeat(9000)))),
  aborted: async () => {
    const running = await client.chat.completions.create({ ...question('Write a long story.', { max_completion_tokens: 2000 }), stream: true });
    for await (const chunk of running) {
      if (chunk.choices[0]?.delta?.content) {
        running.controller.abort();
        break;
      }
    }
    return { next: await ask(question('Name a metal.')) };
  },
  embeddings: async () => {
    const list = await client.embeddings.create({ model: 'all-minilm-l6-v2', input: ['How do I reset my password?', 'Grüße'] });
    return { lengths: list.data.map((item) => item.embedding.length), norm: Math.hypot(...list.data[0].embedding), usage: list.usage };
  },
  models: async () => {
    const ids = [];
    for await (const item of client.models.list()) {
      ids.push(item.id);
    }
    return { ids, one: (await client.models.retrieve(model)).id };
  },
};

console.log(JSON.stringify(await scenarios[scenario]()));
