using System.Text.Json;
using CacheProxy.Entry;
using CacheProxy.Exchange;
using CacheProxy.TestKit;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Fingerprint;

/// <summary>
/// Recorded requests of the openai and anthropic libraries in three generations, of LiteLLM and of LangChain (Fixtures/client-requests.jsonl):
/// one call is one request, whichever version of a client sends it.
/// </summary>
public class ClientRequestTests
{
    private static readonly JsonElement[] Requests =
        [.. File.ReadLines(Repository.File("tests", "CacheProxy.Tests", "Fixtures", "client-requests.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];

    public static TheoryData<string> Calls => new(Requests.Where(IsOurs).Select(Call).Distinct());

    [Theory]
    [MemberData(nameof(Calls))]
    public void OneCall_OfAnyClientVersion_HasOneFingerprint(string call)
    {
        JsonElement[] requests = [.. Requests.Where(request => IsOurs(request) && Call(request) == call)];

        // Another body is another turn of the call: told apart by its length, which no reordering changes.
        foreach (IGrouping<string, JsonElement> turn in requests.GroupBy(request => Sorted(request.GetProperty("body").GetString()!)))
        {
            Assert.Single(turn.Select(request => Of(request, variant: "")).Distinct());
        }
    }

    [Fact]
    public void ModeOfAnswer_DoesNotChangeTheCall()
    {
        Assert.Equal(One("openai-chat", "current"), One("openai-chat-stream-plain", "older"));
        Assert.Equal(One("langchain-openai-invoke", "current"), One("langchain-openai-stream", "older"));
        Assert.Equal(One("openai-responses", "current"), One("openai-responses-stream", "older"));
        Assert.Equal(One("anthropic-messages", "current"), One("anthropic-messages-stream", "older"));
        Assert.Equal(One("anthropic-messages", "older"), One("anthropic-messages-stream-helper", "current"));
        // LiteLLM writes blocks where the library writes text.
        Assert.Equal(One("anthropic-messages", "older"), One("litellm-sdk-anthropic", "openai-2-and-litellm"));
    }

    [Theory]
    [InlineData("anthropic-messages", true)]
    [InlineData("anthropic-messages-tools", false)]
    public void KnownVersions_OfAnApi_ShareNothingButPlainText(string call, bool isShared)
    {
        JsonElement older = Requests.First(request => Call(request) == call && request.GetProperty("clients").GetString() == "older");
        JsonElement current = Requests.First(request => Call(request) == call && request.GetProperty("clients").GetString() == "current");

        Assert.Equal("", VariantOf(older));
        Assert.NotEqual("", VariantOf(current));
        Assert.Equal(isShared, Of(older, VariantOf(older)) == Of(current, VariantOf(current)));
        Assert.Equal(One(call, "older"), One(call, "current"));
    }

    private static string Call(JsonElement request) => request.GetProperty("call").GetString()!;

    private static bool IsOurs(JsonElement request) => DialectPaths.TryFind(request.GetProperty("path").GetString(), out _);

    private static Fingerprint256 One(string call, string clients)
        => Of(Requests.First(request => Call(request) == call && request.GetProperty("clients").GetString() == clients), variant: "");

    private static Fingerprint256 Of(JsonElement request, string variant)
    {
        Assert.True(DialectPaths.TryFind(request.GetProperty("path").GetString(), out Dialect dialect));
        return new FingerprintHarness { Dialect = dialect, Variant = variant }.Of(request.GetProperty("body").GetString()!);
    }

    private static string VariantOf(JsonElement request)
    {
        var context = new DefaultHttpContext();
        foreach (JsonProperty header in request.GetProperty("headers").EnumerateObject())
        {
            context.Request.Headers[header.Name] = header.Value.GetString();
        }

        return RequestVariant.Read(context.Request);
    }

    private static string Sorted(string body) => string.Concat(body.Order());
}
