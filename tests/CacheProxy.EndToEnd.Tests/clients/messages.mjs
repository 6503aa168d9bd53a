// /v1/messages, /v1/messages/count_tokens and /v1/models with the real @anthropic-ai/sdk client.
import { ask, connect, model, outcome, question, stream } from './anthropic.mjs';
import { animal, connect as connectOpenAI } from './openai.mjs';
import { ask as askChat, question as chat } from './chat-calls.mjs';

export default (baseURL) => {
  const client = connect(baseURL);
  const refused = (more) => outcome(() => ask(client, question('Hi', more)));
  return {
    plain: () => ask(client, question('Name a colour.', { metadata: { user_id: 'u' } })),
    blocks: () => ask(client, question([{ type: 'text', text: 'Name a colour.', cache_control: { type: 'ephemeral' } }], {
      system: [{ type: 'text', text: 'You are a terse assistant. Grüße!', cache_control: { type: 'ephemeral' } }],
    })),
    stream: () => stream(client, question('Name a vegetable.')),
    sameInBothModes: async () => {
      const body = question('Name an animal.');
      return { whole: await ask(client, body), streamed: await stream(client, body) };
    },
    sameAsChat: async () => ({
      chat: await askChat(connectOpenAI(baseURL), chat('Name a flower.')), messages: await ask(client, question('Name a flower.')),
    }),
    streamHelper: async () => {
      const runner = client.messages.stream(question('Name a country.'));
      let text = '';
      runner.on('text', (delta) => { text += delta; });
      const final = await runner.finalMessage();
      return { text: await runner.finalText(), events: text, reason: final.stop_reason, usage: final.usage };
    },
    stopSequence: async () => {
      const { text } = await ask(client, question('Count from one to nine.'));
      const stop = text.slice(4, 7);
      return { stop, whole: text, cut: await ask(client, question('Count from one to nine.', { stop_sequences: [stop, '\u0007'] })) };
    },
    jsonSchema: async () => {
      const body = question('Describe an animal as JSON.', { temperature: 1, max_tokens: 60, output_config: { format: { type: 'json_schema', schema: animal } } });
      return { parsed: JSON.parse((await ask(client, body)).text), streamed: JSON.parse((await stream(client, body)).text) };
    },
    countTokens: async () => {
      const { max_tokens: _, temperature: __, ...body } = question('How long is this?');
      const { input_tokens: counted } = await client.messages.countTokens(body);
      const { usage } = await ask(client, question('How long is this?'));
      return { counted, taken: usage.input_tokens + usage.cache_read_input_tokens };
    },
    models: async () => {
      const list = [];
      for await (const item of client.models.list()) {
        list.push({ id: item.id, name: item.display_name, type: item.type, created: item.created_at });
      }
      return { list, one: (await client.models.retrieve(model)).id };
    },
    unknownModel: () => refused({ model: 'no-such-model' }),
    thinking: () => refused({ max_tokens: 2048, thinking: { type: 'enabled', budget_tokens: 1024 } }),
    tools: () => refused({ tools: [{ name: 'f', input_schema: { type: 'object' } }] }),
    image: () => refused({ messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'url', url: 'https://example.test/a.png' } }] }] }),
    emptyMessages: () => refused({ messages: [] }),
    tooLong: () => refused({ messages: [{ role: 'user', content: 'word '.repeat(9000) }] }),
    streamRefused: () => outcome(() => stream(client, question('Hi', { model: 'no-such-model' }))),
  };
};
