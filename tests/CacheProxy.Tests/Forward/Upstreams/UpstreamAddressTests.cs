using CacheProxy.Exchange;
using CacheProxy.Forward.Routes;
using CacheProxy.Forward.Upstreams;
using Microsoft.AspNetCore.Http;

namespace CacheProxy.Tests.Forward.Upstreams;

public class UpstreamAddressTests
{
    [Theory]
    [InlineData("https://r.openai.azure.com", "/v1/chat/completions", "", Dialect.OpenAIChat, "https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=V")]
    [InlineData("https://r.openai.azure.com", "/v1/embeddings", "?x=1", Dialect.OpenAIEmbeddings, "https://r.openai.azure.com/openai/deployments/d/embeddings?x=1&api-version=V")]
    [InlineData("https://r.openai.azure.com", "/v1/responses", "", Dialect.OpenAIResponses, "https://r.openai.azure.com/openai/v1/responses")]
    [InlineData("https://r.openai.azure.com", "/v1/files/1", "?purpose=a%20b", null, "https://r.openai.azure.com/openai/v1/files/1?purpose=a%20b")]
    [InlineData("https://r.openai.azure.com", "/openai/deployments/d/audio/speech", "?api-version=W", null, "https://r.openai.azure.com/openai/deployments/d/audio/speech?api-version=W")]
    [InlineData("https://r.openai.azure.com/openai", "/v1/chat/completions", "", Dialect.OpenAIChat, "https://r.openai.azure.com/openai/v1/chat/completions")]
    [InlineData("https://r.openai.azure.com/openai", "/openai/v1/files", "", null, "https://r.openai.azure.com/openai/v1/files")]
    public void Azure_HasItsOwnPaths(string baseUrl, string path, string query, Dialect? dialect, string expected)
        => Assert.Equal(expected, new UpstreamAddress(UpstreamKind.Azure, baseUrl, "V").Of(path, new QueryString(query), dialect, dialect is null ? null : "d")!.AbsoluteUri);

    [Theory]
    [InlineData("/v1/files/a%2Fb", "/v1/files/a%2Fb?x=%20", "https://x/base/v1/files/a%2Fb?x=%20")]
    [InlineData("/v1/files/%20", "/v1/files/%2520", "https://x/base/v1/files/%2520")]
    [InlineData("/v1/files/a b", "/v1/files/a%20b", null)]
    [InlineData("/etc%2Fx", "/v1/../etc%2Fx", null)]
    [InlineData("/etc%2Fx", "/v1/%2E%2e/etc%2Fx", null)]
    [InlineData("/v1/a%2F", "http://elsewhere/v1/a%2F", null)]
    public void Escapes_StayAsTheClientSpelledThem(string path, string raw, string? expected)
        => Assert.Equal(expected, new UpstreamAddress(UpstreamKind.Compatible, "https://x/base", "V").Of(new PathString(path), default, null, null, raw)?.AbsoluteUri);

    [Fact]
    public void EveryOtherKind_KeepsTheClientsPath()
        => Assert.All(
            Enum.GetValues<UpstreamKind>().Where(kind => kind != UpstreamKind.Azure),
            kind => Assert.Null(new UpstreamAddress(kind, "https://x", "V").Of("/v1/chat/completions", default, Dialect.OpenAIChat, "m")));

    [Theory]
    [InlineData("/openai/deployments/gpt-4o/chat/completions", "gpt-4o", "/chat/completions")]
    [InlineData("/OpenAI/Deployments/a b/embeddings", "a b", "/embeddings")]
    public void DeploymentPath_IsRead(string path, string model, string operation)
    {
        Assert.True(DeploymentPath.TryRead(path, out string found, out PathString rest));
        Assert.Equal((model, operation), (found, rest.Value));
    }

    [Theory]
    [InlineData("/openai/deployments")]
    [InlineData("/openai/deployments/")]
    [InlineData("/openai/deployments/m")]
    [InlineData("/openai/deployments/m/")]
    [InlineData("/openai/deployments//chat")]
    [InlineData("/v1/chat/completions")]
    public void OtherPaths_AreNot(string path) => Assert.False(DeploymentPath.TryRead(path, out _, out _));
}
