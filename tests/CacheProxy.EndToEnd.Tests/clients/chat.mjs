// /v1/chat/completions, /v1/completions, /v1/embeddings and /v1/models with the real openai client.
import { animal, connect, model, outcome } from './openai.mjs';
import { ask, question, stream } from './chat-calls.mjs';

const tools = [{ type: 'function', function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } }];

export default (baseURL) => {
  const client = connect(baseURL);
  const refused = (body) => outcome(() => ask(client, body));
  const prompt = (text) => ({ model, prompt: text, temperature: 0, max_tokens: 8 });
  return {
    plain: () => ask(client, question('Name a colour.')),
    stream: () => stream(client, question('Name a fruit.')),
    sameInBothModes: async () => {
      const body = question('Name an animal.');
      return { whole: await ask(client, body), streamed: await stream(client, body) };
    },
    streamHelper: async () => {
      const runner = client.chat.completions.stream(question('Name a country.'));
      return { text: await runner.finalContent(), reason: (await runner.finalChatCompletion()).choices[0].finish_reason };
    },
    jsonSchema: async () => {
      const body = question('Describe an animal as JSON.', {
        temperature: 1, max_completion_tokens: 60, response_format: { type: 'json_schema', json_schema: { name: 'animal', strict: true, schema: animal } },
      });
      const parsed = await client.chat.completions.parse(body);
      return {
        parsed: parsed.choices[0].message.parsed ?? JSON.parse(parsed.choices[0].message.content),
        streamed: JSON.parse((await stream(client, body)).text),
      };
    },
    tools: () => refused(question('What is the weather in Paris?', { tools })),
    toolsStreamed: () => outcome(() => stream(client, question('What is the weather in Paris?', { tools }))),
    jsonSchemaRefused: () => refused(question('Hi', { response_format: { type: 'json_schema', json_schema: { name: 'n', schema: { not: {} } } } })),
    unknownModel: () => refused(question('Hi', { model: 'no-such-model' })),
    emptyMessages: () => refused({ model, messages: [] }),
    negativeMaxTokens: () => refused(question('Hi', { max_completion_tokens: -1 })),
    tooLong: () => refused(question('word '.repeat(9000))),
    logitBias: () => ask(client, question('Name a colour.', { max_completion_tokens: 5, logit_bias: { 30: 100 } })),
    aborted: async () => {
      const running = await client.chat.completions.create({ ...question('Write a long story.', { max_completion_tokens: 2000 }), stream: true });
      for await (const chunk of running) {
        if (chunk.choices[0]?.delta?.content) {
          running.controller.abort();
          break;
        }
      }
      return { next: await ask(client, question('Name a metal.')) };
    },
    completion: async () => {
      const { choices: [{ text, finish_reason: reason }], usage } = await client.completions.create(prompt('The capital of France is'));
      let streamed = '';
      for await (const chunk of await client.completions.create({ ...prompt('The capital of France is'), stream: true })) {
        streamed += chunk.choices[0]?.text ?? '';
      }
      return { text, reason, usage, streamed };
    },
    completionRefused: () => outcome(() => client.completions.create({ ...prompt('a'), suffix: 'b' })),
    embeddings: async () => {
      const list = await client.embeddings.create({ model: 'all-minilm-l6-v2', input: ['How do I reset my password?', 'Grüße'] });
      const floats = await client.embeddings.create({ model: 'all-minilm-l6-v2', input: 'Grüße', encoding_format: 'float' });
      return {
        lengths: list.data.map((item) => item.embedding.length),
        norm: Math.hypot(...list.data[0].embedding),
        same: Math.max(...list.data[1].embedding.map((value, i) => Math.abs(value - floats.data[0].embedding[i]))) < 1e-6,
        usage: list.usage,
      };
    },
    embeddingsRefused: () => outcome(() => client.embeddings.create({ model: 'all-minilm-l6-v2', input: [] })),
    models: async () => {
      const ids = [];
      for await (const item of client.models.list()) {
        ids.push(item.id);
      }
      return { ids, one: (await client.models.retrieve(model)).id };
    },
  };
};
