using System.Text;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Readers;

namespace CacheProxy.Tests.Record;

/// <summary>Random canonical answers that use everything that a dialect can say.</summary>
internal sealed class RandomAnswer(Random random, Dialect dialect)
{
    private readonly List<AnswerEvent> _events = [];
    private int _calls;

    public CanonicalAnswer Make()
    {
        int choices = dialect is Dialect.OpenAIChat or Dialect.OpenAICompletions ? random.Next(1, 4) : 1;
        for (int choice = 0; choice < choices; choice++)
        {
            _calls = 0;
            AddChoice(choice);
        }

        _events.Add(Usage());
        return new CanonicalAnswer
        {
            UpstreamId = dialect switch { Dialect.OpenAIChat => "chatcmpl-", Dialect.OpenAICompletions => "cmpl-", Dialect.OpenAIResponses => "resp_", _ => "msg_" } + random.Next(),
            Model = "m-" + random.Next(9),
            CreatedUnixSeconds = dialect == Dialect.AnthropicMessages ? 0 : random.Next(1, int.MaxValue),
            SystemFingerprint = dialect is Dialect.OpenAIChat or Dialect.OpenAICompletions && Maybe() ? "fp_1" : null,
            Events = _events,
            Body = new RecordedBody(dialect, false, false, "application/json", default),
        };
    }

    private void AddChoice(int choice)
    {
        switch (dialect)
        {
            case Dialect.OpenAICompletions:
                _events.Add(new AnswerEvent.TextDelta(choice, Text()));
                AddIf(Maybe(), () => new AnswerEvent.LogProbs(choice, """{"tokens":["a"],"token_logprobs":[-0.50],"top_logprobs":null,"text_offset":[3]}"""));
                _events.Add(new AnswerEvent.Finish(choice, Maybe() ? "stop" : "length"));
                break;
            case Dialect.OpenAIChat:
                AddChat(choice);
                break;
            case Dialect.OpenAIResponses:
                AddResponses();
                break;
            default:
                AddMessages();
                break;
        }
    }

    // Chat's parts stand beside each other: this is the order in which they are read.
    private void AddChat(int choice)
    {
        AddIf(Maybe(), () => new AnswerEvent.ReasoningDelta(choice, Text()));
        AddIf(Maybe(), () => new AnswerEvent.TextDelta(choice, Text()));
        AddIf(random.Next(4) == 0, () => new AnswerEvent.RefusalDelta(choice, Text()));
        AddIf(random.Next(4) == 0, () => new AnswerEvent.Annotation(choice, """{"type":"url_citation","url_citation":{"start_index":1,"end_index":2,"title":"é","url":"https://a.b"}}"""));
        AddIf(random.Next(4) == 0, () => new AnswerEvent.LogProbs(choice, """{"content":[{"token":"a","logprob":-0.50,"bytes":[97],"top_logprobs":[]}],"refusal":null}"""));
        for (int i = random.Next(3); i > 0; i--)
        {
            AddCall(choice);
        }

        AddIf(random.Next(6) == 0, () => new AnswerEvent.Item(choice, """{"x_new":{"a":[1,2.50]}}""", IsSilent: false));
        _events.Add(new AnswerEvent.Finish(choice, _calls > 0 ? "tool_calls" : Maybe() ? "stop" : "length"));
    }

    private void AddResponses()
    {
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            switch (random.Next(8))
            {
                case 0:
                    _events.Add(new AnswerEvent.ReasoningDelta(0, Text()));
                    break;
                case 1:
                    _events.Add(new AnswerEvent.RefusalDelta(0, Text()));
                    break;
                case 2:
                    _events.Add(new AnswerEvent.Item(0, """{"id":"ws_1","type":"web_search_call","status":"completed","action":{"type":"search","query":"q"}}""", IsSilent: false));
                    break;
                case 3:
                    _events.Add(new AnswerEvent.Item(0, """{"id":"rs_1","type":"reasoning","summary":[]}""", IsSilent: true));
                    break;
                case 4 or 5:
                    AddCall(0);
                    break;
                default:
                    _events.Add(new AnswerEvent.TextDelta(0, Text()));
                    AddIf(random.Next(4) == 0, () => new AnswerEvent.Annotation(0, """{"type":"url_citation","start_index":1,"end_index":2,"title":"é","url":"https://a.b"}"""));
                    AddIf(random.Next(4) == 0, () => new AnswerEvent.LogProbs(0, """[{"token":"a","logprob":-0.50,"bytes":[97],"top_logprobs":[]}]"""));
                    break;
            }
        }

        _events.Add(new AnswerEvent.Finish(0, random.Next(4) == 0 ? "length" : _calls > 0 ? "tool_calls" : "stop"));
    }

    private void AddMessages()
    {
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            switch (random.Next(6))
            {
                case 0:
                    _events.Add(new AnswerEvent.Item(0, """{"type":"thinking","thinking":"Hm, é","signature":"Eq=="}""", IsSilent: false));
                    break;
                case 1:
                    _events.Add(new AnswerEvent.Item(0, """{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"q"}}""", IsSilent: false));
                    break;
                case 2 or 3:
                    AddCall(0);
                    break;
                default:
                    _events.Add(new AnswerEvent.TextDelta(0, Text()));
                    AddIf(random.Next(4) == 0, () => new AnswerEvent.Annotation(0, """{"type":"char_location","cited_text":"é","document_index":0,"document_title":null,"start_char_index":0,"end_char_index":1}"""));
                    break;
            }
        }

        _events.Add(random.Next(4) switch
        {
            0 => new AnswerEvent.Finish(0, "length"),
            1 => new AnswerEvent.Finish(0, "stop", Text()),
            _ => new AnswerEvent.Finish(0, _calls > 0 ? "tool_calls" : "stop"),
        });
    }

    private void AddCall(int choice)
    {
        string arguments = random.Next(3) switch
        {
            0 => "{}",
            1 => """{"n":[1,2.50,-3e5],"o":{"é":null}}""",
            _ => $$"""{"city":"{{random.Next(99)}} \"x\""}""",
        };
        _events.Add(new AnswerEvent.ToolCallDelta(choice, _calls++, "call_" + random.Next(), "f" + random.Next(5), arguments));
    }

    private AnswerEvent.Usage Usage()
    {
        long cached = random.Next(50), written = random.Next(50), fresh = random.Next(1, 50), completion = random.Next(9, 90), reasoning = random.Next(1, 9);
        long prompt = cached + written + fresh;
        (string json, long thought) = dialect switch
        {
            Dialect.AnthropicMessages => ($$"""{"input_tokens":{{fresh}},"cache_creation_input_tokens":{{written}},"cache_read_input_tokens":{{cached}},"output_tokens":{{completion}} }""", 0),
            Dialect.OpenAIResponses => ($$"""{"input_tokens":{{prompt}},"input_tokens_details":{"cached_tokens":{{cached}},"cache_write_tokens":{{written}} },"output_tokens":{{completion}},"output_tokens_details":{"reasoning_tokens":{{reasoning}} },"total_tokens":{{prompt + completion}} }""", reasoning),
            _ => ($$"""{"prompt_tokens":{{prompt}},"completion_tokens":{{completion}},"total_tokens":{{prompt + completion}},"prompt_tokens_details":{"cached_tokens":{{cached}},"cache_write_tokens":{{written}} },"completion_tokens_details":{"reasoning_tokens":{{reasoning}} } }""", reasoning),
        };
        return new AnswerEvent.Usage(json.Replace(" }", "}", StringComparison.Ordinal), prompt, completion, cached)
        {
            CacheWriteTokens = written,
            ReasoningTokens = thought,
            Extras = HostedTools.In(_events).Extras,
        };
    }

    private bool Maybe() => random.Next(2) == 0;

    private void AddIf(bool isTrue, Func<AnswerEvent> make)
    {
        if (isTrue)
        {
            _events.Add(make());
        }
    }

    private string Text()
    {
        var text = new StringBuilder("t");
        for (int i = random.Next(12); i > 0; i--)
        {
            text.Append(random.Next(6) switch { 0 => "é", 1 => "\"\\\n\r\t\u0001", 2 => "😀", 3 => "data: [DONE]\n\n", 4 => "<&>+'", _ => "word " });
        }

        return text.ToString();
    }
}
