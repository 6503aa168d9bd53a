using System.Net;
using System.Text;
using CacheProxy.Forward;

namespace CacheProxy.Tests.Forward;

public class KnownBodyInvokerTests
{
    [Theory]
    [InlineData(null)]
    [InlineData(3)]
    public async Task Body_TakesThePlaceOfTheCopy_WithItsHeadersAndItsOwnLength(int? copiedLength)
    {
        using var handler = new Recorder();
        using var inner = new HttpMessageInvoker(handler);
        using var sut = new KnownBodyInvoker(handler, inner, Encoding.UTF8.GetBytes("the body"));
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://localhost/") { Content = new StringContent("copied") };
        request.Content.Headers.ContentLength = copiedLength;
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json; charset=x");
        request.Content.Headers.TryAddWithoutValidation("Content-Language", ["en", "de"]);
        request.Content.Headers.Remove("Content-Type");
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json; odd");

        using HttpResponseMessage answer = await sut.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal("the body", handler.Body);
        Assert.Equal("Content-Length: 8\r\nContent-Language: en, de\r\nContent-Type: application/json; odd", string.Join("\r\n", handler.Headers.OrderBy(line => !line.StartsWith("Content-Length", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Request_WithoutABody_StaysWithoutOne()
    {
        using var handler = new Recorder();
        using var inner = new HttpMessageInvoker(handler);
        using var sut = new KnownBodyInvoker(handler, inner, Encoding.UTF8.GetBytes("the body"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://localhost/");

        using HttpResponseMessage answer = await sut.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Null(handler.Body);
    }

    private sealed class Recorder : HttpMessageHandler
    {
        public string? Body { get; private set; }

        public List<string> Headers { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Content is { } content)
            {
                Body = await content.ReadAsStringAsync(cancellationToken);
                Headers.AddRange(content.Headers.NonValidated.Select(header => $"{header.Key}: {header.Value}"));
            }

            return new HttpResponseMessage(HttpStatusCode.OK);
        }
    }
}
