using System.Text;
using System.Text.Json;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;
using CacheProxy.Exchange.Readers;
using CacheProxy.Exchange.Replay;
using CacheProxy.Record;

namespace CacheProxy.Tests.Record;

/// <summary>What one mode recorded, the other mode gives, and back.</summary>
public class AnswerRoundTripTests
{
    private const string Rich = """
        {"id":"c","object":"chat.completion","created":5,"model":"m","system_fingerprint":"fp","choices":[
          {"index":0,"message":{"role":"assistant","content":"Hé \"you\"","reasoning_content":"hm","refusal":null,"annotations":[{"type":"url_citation","url":"u"}]},
           "logprobs":{"content":[{"token":"H","logprob":-0.5},{"token":"é","logprob":-0.25}],"refusal":null},"finish_reason":"stop"},
          {"index":1,"message":{"role":"assistant","content":null,"refusal":null,"tool_calls":[
            {"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},{"id":"b","type":"function","function":{"name":"g","arguments":""}}]},
           "logprobs":null,"finish_reason":"tool_calls"}],
         "usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13,"prompt_tokens_details":{"cached_tokens":8}}}
        """;

    [Fact]
    public void Object_ThroughAStreamAndBack_SaysTheSame()
    {
        CanonicalAnswer first = Read(Rich, isStream: false);
        byte[] stream = AnswerWriters.ToStream(first, Dialect.OpenAIChat, includeUsage: true);
        CanonicalAnswer second = Read(Encoding.UTF8.GetString(stream), isStream: true);

        using JsonDocument once = JsonDocument.Parse(AnswerWriters.ToObject(first, Dialect.OpenAIChat));
        using JsonDocument twice = JsonDocument.Parse(AnswerWriters.ToObject(second, Dialect.OpenAIChat));
        Assert.True(JsonElement.DeepEquals(once.RootElement, twice.RootElement), $"{once.RootElement}\n{twice.RootElement}");
        JsonElement message = twice.RootElement.GetProperty("choices")[0].GetProperty("message");
        Assert.Equal("Hé \"you\"", message.GetProperty("content").GetString());
        Assert.Equal("hm", message.GetProperty("reasoning_content").GetString());
        Assert.Equal(JsonValueKind.Null, twice.RootElement.GetProperty("choices")[1].GetProperty("message").GetProperty("content").ValueKind);
        Assert.Equal("{\"x\":1}", twice.RootElement.GetProperty("choices")[1].GetProperty("message").GetProperty("tool_calls")[0].GetProperty("function").GetProperty("arguments").GetString());
        Assert.Equal(8, twice.RootElement.GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32());
    }

    [Fact]
    public void Stream_InPieces_BecomesOneObject()
    {
        string stream = string.Concat(
            Event("""{"role":"assistant","content":""}"""),
            Event("""{"content":"a"}""", logProbs: """{"content":[{"token":"a"}]}"""),
            Event("""{"content":"b"}""", logProbs: """{"content":[{"token":"b"}]}"""),
            Event("""{"tool_calls":[{"index":0,"id":"t","type":"function","function":{"name":"f","arguments":""}}]}"""),
            Event("""{"tool_calls":[{"index":0,"function":{"arguments":"{\"q\":"}}]}"""),
            Event("""{"tool_calls":[{"index":0,"function":{"arguments":"2}"}}]}"""),
            Event("{}", finish: "tool_calls"),
            "data: [DONE]\n\n");

        CanonicalAnswer answer = Read(stream, isStream: true);
        using JsonDocument document = JsonDocument.Parse(AnswerWriters.ToObject(answer, Dialect.OpenAIChat));
        JsonElement choice = document.RootElement.GetProperty("choices")[0];

        Assert.Equal("ab", choice.GetProperty("message").GetProperty("content").GetString());
        JsonElement call = choice.GetProperty("message").GetProperty("tool_calls")[0];
        Assert.Equal(("t", "f", "{\"q\":2}"), (call.GetProperty("id").GetString(), call.GetProperty("function").GetProperty("name").GetString(), call.GetProperty("function").GetProperty("arguments").GetString()));
        Assert.Equal(2, choice.GetProperty("logprobs").GetProperty("content").GetArrayLength());
        Assert.Equal(RecordResult.Recorded, AnswerJudge.Judge(answer, new RequestFacts { Model = "m" }));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"id":1,"model":"m","choices":[]}""")]
    [InlineData("""{"id":"x","model":"m","choices":{}}""")]
    [InlineData("""{"id":"x","model":"m","choices":[{"index":"0"}]}""")]
    [InlineData("""{"id":"x","model":"m","choices":[7]}""")]
    public void Body_OfAnotherShape_IsNoAnswer(string body)
        => Assert.Null(AnswerReaders.TryRead(Body(body, isStream: false)));

    [Theory]
    [InlineData("data: {\"error\":{\"message\":\"x\"}}\n\ndata: [DONE]\n\n")]
    [InlineData("data: {not json}\n\ndata: [DONE]\n\n")]
    [InlineData("data: [DONE]\n\n")]
    [InlineData("")]
    public void Stream_OfAnotherShape_IsNoAnswer(string body)
        => Assert.Null(AnswerReaders.TryRead(Body(body, isStream: true)));

    private static string Event(string delta, string? logProbs = null, string? finish = null)
        => $$"""
            data: {"id":"c","created":1,"model":"m","choices":[{"index":0,"delta":{{delta}},"logprobs":{{logProbs ?? "null"}},"finish_reason":{{(finish is null ? "null" : $"\"{finish}\"")}}}]}
            """ + "\n\n";

    private static CanonicalAnswer Read(string body, bool isStream) => AnswerReaders.TryRead(Body(body, isStream))!;

    private static RecordedBody Body(string body, bool isStream)
        => new(Dialect.OpenAIChat, isStream, true, isStream ? "text/event-stream" : "application/json", Encoding.UTF8.GetBytes(body));
}
