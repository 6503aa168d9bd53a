// /v1/responses with the real openai client.
import { animal, connect, model, outcome } from './openai.mjs';
import { ask as askChat, question as chat } from './chat-calls.mjs';
import { ask, question, stream } from './responses-calls.mjs';

export default (baseURL) => {
  const client = connect(baseURL);
  const refused = (more) => outcome(() => ask(client, question('Hi', more)));
  return {
    plain: () => ask(client, question('Name a colour.', { metadata: { run: '7' } })),
    stream: () => stream(client, question('Name a berry.')),
    sameInBothModes: async () => {
      const body = question('Name an animal.');
      return { whole: await ask(client, body), streamed: await stream(client, body) };
    },
    sameAsChat: async () => ({ chat: await askChat(client, chat('Name a flower.')), responses: await ask(client, question('Name a flower.')) }),
    streamHelper: async () => {
      const runner = client.responses.stream(question('Name a country.'));
      let snapshot = '';
      runner.on('response.output_text.delta', (event) => { snapshot = event.snapshot; });
      const final = await runner.finalResponse();
      return { text: final.output_text, status: final.status, snapshot };
    },
    jsonSchema: async () => {
      const body = question('Describe an animal as JSON.', {
        temperature: 1, max_output_tokens: 60, text: { format: { type: 'json_schema', name: 'animal', strict: true, schema: animal } },
      });
      const parsed = await client.responses.parse(body);
      return { parsed: parsed.output_parsed ?? JSON.parse(parsed.output_text), streamed: JSON.parse((await stream(client, body)).text) };
    },
    conversation: () => ask(client, question([
      { role: 'user', content: 'Name a tree.' },
      { type: 'message', role: 'assistant', id: 'msg_1', status: 'completed', content: [{ type: 'output_text', text: 'Oak.', annotations: [] }] },
      { role: 'user', content: [{ type: 'input_text', text: 'And another?' }] },
    ])),
    stored: () => refused({ store: true }),
    previous: () => refused({ previous_response_id: 'resp_1' }),
    unknownModel: () => refused({ model: 'no-such-model' }),
    tools: () => refused({ tools: [{ type: 'function', name: 'f', parameters: {}, strict: false }] }),
    image: () => refused({ input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'https://example.test/a.png', detail: 'auto' }] }] }),
    tooLong: () => refused({ input: 'word '.repeat(9000) }),
  };
};
