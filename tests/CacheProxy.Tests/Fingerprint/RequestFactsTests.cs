using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;
using CacheProxy.Fingerprint;

namespace CacheProxy.Tests.Fingerprint;

/// <summary>What each dialect's requests tell the later stages, and which of them the cache leaves alone.</summary>
public class RequestFactsTests
{
    private const Dialect Completions = Dialect.OpenAICompletions;
    private const Dialect Responses = Dialect.OpenAIResponses;
    private const Dialect Messages = Dialect.AnthropicMessages;

    public static TheoryData<Dialect, string, BypassReason> Requests => new()
    {
        { Dialect.OpenAIChat, """{"model":"m","messages":[{"role":"user","content":"q"}],"tools":[{"type":"web_search"}]}""", BypassReason.HostedTools },
        { Dialect.OpenAIChat, """{"model":"m","messages":[{"role":"user","content":"q"}],"web_search_options":{}}""", BypassReason.HostedTools },
        { Dialect.OpenAIChat, """{"model":"m","messages":[{"role":"user","content":"q"}],"tools":[{"type":"function","function":{"name":"f"}},{"type":"custom","custom":{"name":"c"}}]}""", BypassReason.None },
        { Dialect.OpenAIChat, """{"model":"m","messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"f"}}]}]}""", BypassReason.NonTextContent },
        { Completions, """{"model":"m","prompt":"a"}""", BypassReason.None },
        { Completions, """{"model":"m","prompt":["a","b"]}""", BypassReason.None },
        { Completions, """{"model":"m","prompt":[[1,2],[3]]}""", BypassReason.None },
        { Completions, """{"model":"m","prompt":"a","n":2}""", BypassReason.MultipleChoices },
        { Completions, """{"model":"m","prompt":"a","temperature":1.5}""", BypassReason.Temperature },
        { Completions, """{"model":"m","prompt":"a","temperature":1e999}""", BypassReason.Temperature },
        { Completions, """{"model":"m","prompt":"a","prompt":"b"}""", BypassReason.Unparsed },
        { Responses, """{"model":"m","input":"q"}""", BypassReason.None },
        { Responses, """{"model":"m","input":"q","store":false,"background":false,"previous_response_id":null}""", BypassReason.None },
        { Responses, """{"model":"m","input":"q","store":true}""", BypassReason.ServerState },
        { Responses, """{"model":"m","input":"q","background":true}""", BypassReason.ServerState },
        { Responses, """{"model":"m","input":"q","previous_response_id":"r"}""", BypassReason.ServerState },
        { Responses, """{"model":"m","input":"q","conversation":{"id":"c"}}""", BypassReason.ServerState },
        { Responses, """{"prompt":{"id":"p"}}""", BypassReason.ServerState },
        { Responses, """{"model":"m","input":[{"type":"item_reference","id":"i"},{"role":"user","content":"q"}]}""", BypassReason.ServerState },
        { Responses, """{"model":"m","input":[{"id":"i"},{"role":"user","content":"q"}]}""", BypassReason.ServerState },
        { Responses, """{"model":"m","input":[{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"21"}]}""", BypassReason.ToolResults },
        { Responses, """{"model":"m","input":[{"type":"mcp_call","id":"i","name":"n","output":"x"}]}""", BypassReason.ToolResults },
        { Responses, """{"model":"m","input":[{"role":"user","content":[{"type":"input_image","image_url":"https://example.org/a.png","detail":"auto"}]}]}""", BypassReason.NonTextContent },
        { Responses, """{"model":"m","input":[{"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,AA","detail":"auto"}]}]}""", BypassReason.None },
        { Responses, """{"model":"m","input":[{"role":"user","content":[{"type":"input_file","file_id":"f"}]}]}""", BypassReason.NonTextContent },
        { Responses, """{"model":"m","input":[{"role":"user","content":[{"type":"input_file","file_url":"https://example.org/a.pdf"}]}]}""", BypassReason.NonTextContent },
        { Responses, """{"model":"m","input":"q","tools":[{"type":"function","name":"f"}]}""", BypassReason.None },
        { Responses, """{"model":"m","input":"q","tools":[{"type":"function","name":"f"},{"type":"file_search","vector_store_ids":["v"]}]}""", BypassReason.HostedTools },
        { Responses, """{"model":"m","input":"q","tools":[{"type":"mcp","server_url":"https://example.org"}]}""", BypassReason.HostedTools },
        { Responses, """{"model":"m","input":"q","tools":[{"type":"code_interpreter","container":{"type":"auto"}}]}""", BypassReason.HostedTools },
        { Responses, """{"model":"m","input":"q","tools":[{"name":"without a type"}]}""", BypassReason.HostedTools },
        { Messages, """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"}]}""", BypassReason.None },
        { Messages, """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"}],"container":"c"}""", BypassReason.ServerState },
        { Messages, """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"}],"mcp_servers":[{"url":"https://example.org"}]}""", BypassReason.HostedTools },
        { Messages, """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"}],"mcp_servers":[]}""", BypassReason.None },
        { Messages, """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"}],"tools":[{"type":"web_search_20250305","name":"web_search"}]}""", BypassReason.HostedTools },
        { Messages, """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"}],"tools":[{"type":"code_execution_20250825","name":"code_execution"}]}""", BypassReason.HostedTools },
        { Messages, """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"}],"tools":[{"name":"f","input_schema":{"type":"web_search"}},{"type":"bash_20250124","name":"bash"}]}""", BypassReason.None },
        { Messages, """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"21"}]}]}""", BypassReason.ToolResults },
        { Messages, """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://example.org/a.png"}}]}]}""", BypassReason.NonTextContent },
        { Messages, """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA"}}]}]}""", BypassReason.None },
        { Messages, """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"file","file_id":"f"}}]}]}""", BypassReason.NonTextContent },
        { Messages, """{"model":"m","max_tokens":9,"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{"url":"https://example.org"}}]},{"role":"user","content":"q"}]}""", BypassReason.None },
        { Messages, """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"a","text":"b"}]}]}""", BypassReason.Unparsed },
    };

    public static TheoryData<Dialect, string, string?> Questions => new()
    {
        { Completions, """{"model":"m","prompt":"q"}""", null },
        { Responses, """{"model":"m","input":"q"}""", "q" },
        { Responses, """{"model":"m","input":[{"role":"user","content":"a"},{"type":"message","role":"user","content":[{"type":"input_text","text":"q"}]}]}""", "q" },
        { Responses, """{"model":"m","input":[{"role":"user","content":"a"},{"type":"reasoning","id":"r","summary":[]}]}""", null },
        { Responses, """{"model":"m","input":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}""", null },
        { Responses, """{"model":"m","input":[{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","image_url":"data:x"}]}]}""", null },
        { Responses, """{"model":"m","input":[{"role":"developer","content":"a"}]}""", null },
        { Messages, """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"}]}""", "q" },
        { Messages, """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"q","cache_control":{"type":"ephemeral"}}]}]}""", "q" },
        { Messages, """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]}""", "a\nb" },
        { Messages, """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"a"}]},{"type":"text","text":"b"}]}]}""", null },
        { Messages, """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}""", null },
        { Messages, """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"a","citations":{"enabled":true}}]}]}""", null },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void Request_IsJudgedByWhatItAsksFor(Dialect dialect, string body, BypassReason expected)
        => Assert.Equal(expected, BypassRules.Judge(new FingerprintHarness { Dialect = dialect }.Read(body), CachePolicy.Default));

    [Theory]
    [MemberData(nameof(Questions))]
    public void LastUserText_IsThatOfALastTurnInWords(Dialect dialect, string body, string? expected)
        => Assert.Equal(expected, new FingerprintHarness { Dialect = dialect }.Read(body).Facts.LastUserText);

    [Fact]
    public void HostedTools_WhereAllowed_AreCached()
    {
        var sut = new FingerprintHarness { Dialect = Responses };
        FingerprintedRequest request = sut.Read("""{"model":"m","input":"q","tools":[{"type":"web_search"}]}""");

        Assert.Equal(BypassReason.None, BypassRules.Judge(request, CachePolicy.Of(new ExactOptions { AllowHostedTools = true }, null)));
        Assert.Equal(BypassReason.HostedTools, BypassRules.Judge(request, CachePolicy.Of(new ExactOptions { AllowHostedTools = true }, new ExactRule { AllowHostedTools = false })));
    }

    [Fact]
    public void Completions_TellTheirPrompts()
    {
        var sut = new FingerprintHarness { Dialect = Completions };

        RequestFacts facts = sut.Read("""{"model":"m","prompt":["a","b"],"max_tokens":7,"logprobs":0,"stream":true,"stream_options":{"include_usage":true},"user":"u","temperature":0}""").Facts;

        Assert.Equal(new RequestFacts { Model = "m", Prompts = 2, MaxTokens = 7, WantsLogProbs = true, IsStream = true, IncludesUsage = true, User = "u", Temperature = 0 }, facts);
        Assert.Equal(1, sut.Read("""{"model":"m","prompt":[5,6]}""").Facts.Prompts);
    }

    [Fact]
    public void Responses_TellTheirItems()
    {
        RequestFacts facts = new FingerprintHarness { Dialect = Responses }.Read("""
            {"model":"m","input":[{"role":"system","content":"s"},{"role":"user","content":"q"}],"max_output_tokens":7,"include":["message.output_text.logprobs"],"stream":true,"user":"u",
             "tools":[{"type":"function","name":"f"}],"temperature":0.5}
            """).Facts;

        Assert.Equal(
            new RequestFacts
            {
                Model = "m",
                MessageCount = 2,
                MaxTokens = 7,
                WantsLogProbs = true,
                IsStream = true,
                IncludesUsage = true,
                User = "u",
                HasTools = true,
                Temperature = 0.5,
                LastUserText = "q",
            },
            facts);
    }

    [Fact]
    public void Messages_TellTheirUserAndLimit()
    {
        RequestFacts facts = new FingerprintHarness { Dialect = Messages }.Read("""
            {"model":"m","max_tokens":7,"messages":[{"role":"user","content":"q"}],"metadata":{"x":1,"user_id":"u"},"stream":true,"tools":[{"name":"f","input_schema":{}}]}
            """).Facts;

        Assert.Equal(
            new RequestFacts { Model = "m", MessageCount = 1, MaxTokens = 7, IsStream = true, IncludesUsage = true, User = "u", HasTools = true, LastUserText = "q" }, facts);
    }

    [Theory]
    [InlineData(Completions, """{"model":"m","prompt":"a"}""", """{"model":"m","prompt":["a"]}""")]
    [InlineData(Completions, """{"model":"m","prompt":[1,2]}""", """{"model":"m","prompt":[[1,2]]}""")]
    [InlineData(Responses, """{"model":"m","input":"a"}""", """{"model":"m","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"a"}]}]}""")]
    [InlineData(Messages, """{"model":"m","top_k":1,"system":"s","messages":[{"role":"user","content":"a"}]}""", """{"model":"m","top_k":1,"system":[{"type":"text","text":"s"}],"messages":[{"role":"user","content":[{"type":"text","text":"a"}]}]}""")]
    [InlineData(Messages, """{"model":"m","tools":[{"name":"f","input_schema":{}}],"messages":[{"role":"user","content":[{"type":"image","source":{"data":"A"}}]}]}""", """{"model":"m","tools":[{"name":"f","input_schema":{},"cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":[{"cache_control":null,"type":"image","source":{"data":"A"}}]}],"cache_control":{"type":"ephemeral"}}""")]
    [InlineData(Messages, """{"model":"m","messages":[{"role":"user","content":[{"type":"tool_result","content":[{"type":"text","text":"a"}]}]}]}""", """{"model":"m","messages":[{"role":"user","content":[{"type":"tool_result","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]}]}]}""")]
    public void Spellings_OfOneRequest_AreOne(Dialect dialect, string one, string other)
    {
        var sut = new FingerprintHarness { Dialect = dialect };

        Assert.Equal(sut.Of(one), sut.Of(other));
    }

    [Theory]
    [InlineData(Completions, """{"model":"m","prompt":["a","b"]}""", """{"model":"m","prompt":["ab"]}""")]
    [InlineData(Completions, """{"model":"m","prompt":[1,2]}""", """{"model":"m","prompt":[[1],[2]]}""")]
    [InlineData(Completions, """{"model":"m","prompt":"1"}""", """{"model":"m","prompt":[1]}""")]
    [InlineData(Completions, """{"model":"m","prompt":[12]}""", """{"model":"m","prompt":[1,2]}""")]
    [InlineData(Responses, """{"model":"m","input":"a"}""", """{"model":"m","input":[{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_text","text":""}]}]}""")]
    [InlineData(Responses, """{"model":"m","input":"a"}""", """{"model":"m","input":[{"role":"user","content":"a","phase":"x"}]}""")]
    [InlineData(Responses, """{"model":"m","input":"a","text":{"format":{"type":"json_schema","name":"n","schema":{"properties":{"a":{},"b":{}}}}}}""", """{"model":"m","input":"a","text":{"format":{"type":"json_schema","name":"n","schema":{"properties":{"b":{},"a":{}}}}}}""")]
    [InlineData(Messages, """{"model":"m","tools":[{"name":"f","input_schema":{"properties":{"cache_control":{}}}}],"messages":[{"role":"user","content":"a"}]}""", """{"model":"m","tools":[{"name":"f","input_schema":{"properties":{}}}],"messages":[{"role":"user","content":"a"}]}""")]
    [InlineData(Messages, """{"model":"m","messages":[{"role":"assistant","content":[{"type":"tool_use","input":{"cache_control":1}}]}]}""", """{"model":"m","messages":[{"role":"assistant","content":[{"type":"tool_use","input":{}}]}]}""")]
    [InlineData(Messages, """{"model":"m","messages":[{"role":"assistant","content":[{"type":"tool_use","input":{"a":1,"b":2}}]}]}""", """{"model":"m","messages":[{"role":"assistant","content":[{"type":"tool_use","input":{"b":2,"a":1}}]}]}""")]
    [InlineData(Messages, """{"model":"m","messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"a"}]}]}""", """{"model":"m","messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"b"}]}]}""")]
    public void Requests_ThatDiffer_AreTwo(Dialect dialect, string one, string other)
    {
        var sut = new FingerprintHarness { Dialect = dialect };

        Assert.NotEqual(sut.Of(one), sut.Of(other));
    }
}
