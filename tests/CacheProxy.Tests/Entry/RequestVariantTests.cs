using CacheProxy.Entry;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Entry;

public class RequestVariantTests
{
    [Theory]
    [InlineData("User-Agent", "x")]
    [InlineData("X-Stainless-Retry-Count", "1")]
    [InlineData("Idempotency-Key", "x")]
    [InlineData("anthropic-version", "2023-06-01")]
    [InlineData("Authorization", "Bearer x")]
    public void Header_ThatChangesNoAnswer_IsNotInIt(string name, string value) => Assert.Equal("", Read((name, value)));

    [Fact]
    public void Headers_ThatChangeTheAnswer_AreAllTold()
    {
        string[] variants =
        [
            "", Read(("anthropic-version", "2026-10-21")), Read(("Anthropic-Beta", "a")), Read(("anthropic-beta", "a,b")), Read(("openai-beta", "a")),
            Read(("anthropic-version", "2026-10-21"), ("anthropic-beta", "a")), Of("?beta=true"), Of("?api-version=1"), Of("?beta=true", ("anthropic-beta", "a")),
        ];

        Assert.Equal(variants.Length, variants.Distinct().Count());
    }

    [Theory]
    [InlineData(true, "anthropic-version", "2023-06-01")]
    [InlineData(true, "anthropic-version", "2026-10-21")]
    [InlineData(false, "anthropic-version", "2023-01-01")]
    [InlineData(false, "anthropic-beta", "a")]
    public void Version_ThatIsKnown_IsPlain(bool isPlain, string name, string value)
    {
        Assert.Equal(isPlain, RequestVariant.IsPlain(Read((name, value))));
        Assert.False(RequestVariant.IsPlain(Of("?beta=true", (name, value))));
    }

    [Fact]
    public void Header_InAnyLetterCase_IsTheSame() => Assert.Equal(Read(("anthropic-beta", "a")), Read(("ANTHROPIC-BETA", "a")));

    private static string Read(params (string Name, string Value)[] headers) => Of("", headers);

    private static string Of(string query, params (string Name, string Value)[] headers)
    {
        var context = new DefaultHttpContext();
        context.Request.QueryString = new QueryString(query);
        foreach ((string name, string value) in headers)
        {
            context.Request.Headers[name] = value;
        }

        return RequestVariant.Read(context.Request);
    }
}
