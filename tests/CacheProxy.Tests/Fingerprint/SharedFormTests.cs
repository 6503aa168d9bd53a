using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;

namespace CacheProxy.Tests.Fingerprint;

/// <summary>What dialects say alike is one request; whatever one of them could mean in its own way is not.</summary>
public class SharedFormTests
{
    private const string Chat = """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}""";
    private const string Responses = """{"model":"m","max_output_tokens":9,"input":"hi"}""";
    private const string Messages = """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}""";

    /// <summary>chat, responses, messages; null: that dialect cannot say it.</summary>
    public static TheoryData<string, string, string?> Alike => new()
    {
        { Chat, Responses, Messages },
        {
            """{"model":"m","messages":[{"role":"user","content":"hi"}]}""",
            """{"input":[{"content":"hi","role":"user","type":"message"}],"model":"m","store":false,"temperature":1}""",
            null
        },
        {
            """{"model":"m","max_completion_tokens":9,"temperature":0.5,"top_p":0.25,"messages":[{"role":"system","content":"be brief"},{"role":"user","content":"hi"}]}""",
            """{"model":"m","max_output_tokens":9,"temperature":5e-1,"top_p":0.250,"instructions":"be brief","input":"hi","include":[],"text":{"format":{"type":"text"}}}""",
            """{"model":"m","max_tokens":9.0,"temperature":0.50,"top_p":25e-2,"system":[{"type":"text","text":"be brief","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"hi"}],"thinking":{"type":"disabled"}}"""
        },
        {
            """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":[{"type":"text","text":"c"}]}],"stream":true,"stream_options":{"include_usage":true}}""",
            """{"model":"m","max_output_tokens":9,"input":[{"role":"user","content":[{"type":"input_text","text":"a"}]},{"role":"assistant","content":"b"},{"role":"user","content":"c"}],"stream":true}""",
            """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":[{"type":"text","text":"c","cache_control":{"type":"ephemeral","ttl":"1h"}}]}],"metadata":{"user_id":"u"}}"""
        },
    };

    /// <summary>Requests that look alike in two dialects and are not.</summary>
    public static TheoryData<Dialect, string, Dialect, string> Unlike => new()
    {
        { Dialect.OpenAIChat, With(Chat, "\"stop\":[\"x\"]"), Dialect.AnthropicMessages, With(Messages, "\"stop_sequences\":[\"x\"]") },
        { Dialect.OpenAIChat, With(Chat, "\"temperature\":1.5"), Dialect.AnthropicMessages, With(Messages, "\"temperature\":1.5") },
        { Dialect.OpenAIChat, With(Chat, "\"top_k\":1"), Dialect.AnthropicMessages, With(Messages, "\"top_k\":1") },
        { Dialect.OpenAIChat, With(Chat, "\"seed\":1"), Dialect.OpenAIResponses, With(Responses, "\"seed\":1") },
        { Dialect.OpenAIChat, With(Chat, "\"tools\":[]"), Dialect.AnthropicMessages, With(Messages, "\"tools\":[]") },
        { Dialect.OpenAIChat, With(Chat, "\"service_tier\":\"flex\""), Dialect.OpenAIResponses, With(Responses, "\"service_tier\":\"flex\"") },
        { Dialect.OpenAIChat, With(Chat, "\"max_completion_tokens\":9"), Dialect.AnthropicMessages, Messages },
        { Dialect.OpenAIChat, Chat, Dialect.AnthropicMessages, With(Messages, "\"top_p\":1") },
        { Dialect.OpenAIChat, Turns("""{"role":"user","content":"a"},{"role":"assistant","content":"{"}"""), Dialect.AnthropicMessages, Turns("""{"role":"user","content":"a"},{"role":"assistant","content":"{"}""") },
        { Dialect.OpenAIChat, Turns("""{"role":"user","content":"a"},{"role":"user","content":"b"}"""), Dialect.AnthropicMessages, Turns("""{"role":"user","content":"a"},{"role":"user","content":"b"}""") },
        { Dialect.OpenAIChat, Turns("""{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}"""), Dialect.AnthropicMessages, Turns("""{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}""") },
        { Dialect.OpenAIChat, Turns("""{"role":"user","content":"a","name":"n"}"""), Dialect.AnthropicMessages, Turns("""{"role":"user","content":"a","name":"n"}""") },
        { Dialect.OpenAIChat, Turns("""{"role":"user","content":" "}"""), Dialect.AnthropicMessages, Turns("""{"role":"user","content":" "}""") },
        { Dialect.OpenAIChat, Turns("""{"role":"developer","content":"s"},{"role":"user","content":"a"}"""), Dialect.OpenAIResponses, """{"model":"m","max_output_tokens":9,"instructions":"s","input":"a"}""" },
        { Dialect.OpenAIChat, Turns("""{"role":"system","content":"s"},{"role":"system","content":"t"},{"role":"user","content":"a"}"""), Dialect.OpenAIResponses, """{"model":"m","max_output_tokens":9,"instructions":"s","input":[{"role":"system","content":"t"},{"role":"user","content":"a"}]}""" },
        { Dialect.OpenAIChat, """{"model":"m","messages":[{"role":"user","content":"hi"}]}""", Dialect.OpenAICompletions, """{"model":"m","prompt":"hi"}""" },
        { Dialect.OpenAIChat, Chat, Dialect.OpenAIResponses, With(Responses, "\"reasoning\":{\"effort\":\"low\"}") },
        { Dialect.OpenAIChat, Chat, Dialect.OpenAIResponses, With(Responses, "\"metadata\":{\"a\":\"b\"}") },
        { Dialect.OpenAIChat, Chat, Dialect.AnthropicMessages, With(Messages, "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024}") },
    };

    [Theory]
    [MemberData(nameof(Alike))]
    public void Request_ThatAllSayAlike_IsOne(string chat, string responses, string? messages)
    {
        Fingerprint256 expected = Of(Dialect.OpenAIChat, chat);

        Assert.Equal(expected, Of(Dialect.OpenAIResponses, responses));
        Assert.Equal(Partition(Dialect.OpenAIChat, chat), Partition(Dialect.OpenAIResponses, responses));
        if (messages is not null)
        {
            Assert.Equal(expected, Of(Dialect.AnthropicMessages, messages));
            Assert.Equal(Partition(Dialect.OpenAIChat, chat), Partition(Dialect.AnthropicMessages, messages));
        }
    }

    [Theory]
    [MemberData(nameof(Alike))]
    public void Sharing_SwitchedOff_KeepsEveryDialectToItself(string chat, string responses, string? messages)
    {
        Fingerprint256[] all =
        [
            Of(Dialect.OpenAIChat, chat, share: false), Of(Dialect.OpenAIResponses, responses, share: false), .. messages is null ? [] : new[] { Of(Dialect.AnthropicMessages, messages, share: false) },
            Of(Dialect.OpenAIChat, chat),
        ];

        Assert.Equal(all.Length, all.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Unlike))]
    public void Request_ThatOneMeansInItsOwnWay_StaysInItsDialect(Dialect one, string body, Dialect other, string otherBody)
    {
        Assert.NotEqual(Of(one, body), Of(other, otherBody));
        Assert.NotEqual(Partition(one, body), Partition(other, otherBody));
    }

    [Theory]
    [InlineData("?beta=true")]
    [InlineData("\nanthropic-beta:x")]
    public void Variant_OfAnApi_IsSharedWithNobody(string variant)
    {
        var sut = new FingerprintHarness { Dialect = Dialect.AnthropicMessages, Variant = variant };

        Assert.NotEqual(Of(Dialect.AnthropicMessages, Messages), sut.Of(Messages));
        Assert.NotEqual(new FingerprintHarness { Variant = variant }.Of(Chat), sut.Of(Messages));
    }

    [Fact]
    public void SystemText_IsNeverAUsers()
        => Assert.NotEqual(
            Of(Dialect.OpenAIResponses, """{"model":"m","instructions":"a","input":"b"}"""),
            Of(Dialect.OpenAIChat, """{"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"b"}]}"""));

    private static string With(string body, string field) => body[..^1] + "," + field + "}";

    private static string Turns(string turns) => $$"""{"model":"m","max_tokens":9,"messages":[{{turns}}]}""";

    private static Fingerprint256 Of(Dialect dialect, string body, bool share = true)
        => new FingerprintHarness { Dialect = dialect, Options = new ExactOptions { ShareDialects = share } }.Of(body);

    private static Fingerprint256 Partition(Dialect dialect, string body) => new FingerprintHarness { Dialect = dialect }.PartitionOf(body);
}
