using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CacheProxy.Pipeline.Configuration;
using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.Functional;

public class Http2Tests
{
    [Fact]
    public async Task PriorKnowledge_IsCachedStreamedAndCancelledAsEver()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Server:Http2Only"] = "true" });
        using var client = new HttpClient
        {
            BaseAddress = proxy.Client.BaseAddress,
        };

        string[] statuses = [await AskAsync(client), await AskAsync(client)];
        var gate = new TaskCompletionSource();
        proxy.Upstream.Script = (context, _) => Answers.StreamAsync(context, ["a", "b"], before: async i => await (i == 0 ? Task.CompletedTask : gate.Task.WaitAsync(context.RequestAborted)));
        using (HttpResponseMessage streamed = await client.SendAsync(Request(ProxyUnderTest.Question("s", stream: true), HttpVersionPolicy.RequestVersionExact), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken))
        {
            Assert.Equal(HttpVersion.Version20, streamed.Version);
        }

        Assert.Equal("CacheProxy; fwd=miss; stored", statuses[0]);
        Assert.StartsWith("CacheProxy; hit; detail=exact", statuses[1]);
        await Wait.UntilAsync(() => proxy.Flights == 0, "the stream that was reset to end");
        Assert.StartsWith("CacheProxy; hit; detail=exact", await AskAsync(client));
    }

    [Fact]
    public async Task Tls_OffersHttp2()
    {
        using var folder = new TempCertificate();
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new()
        {
            ["Server:Url"] = "https://127.0.0.1:0",
            ["Server:CertificatePath"] = folder.Certificate,
            ["Server:CertificateKeyPath"] = folder.Key,
        });
        using var client = new HttpClient(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true } })
        {
            BaseAddress = proxy.Client.BaseAddress,
        };

        using HttpResponseMessage response = await client.SendAsync(Request(ProxyUnderTest.Question(), HttpVersionPolicy.RequestVersionOrLower), TestContext.Current.CancellationToken);

        Assert.Equal((200, HttpVersion.Version20), ((int)response.StatusCode, response.Version));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/does/not/exist.pem")]
    public async Task Tls_WithoutACertificate_StopsTheStartAndNamesTheKey(string path)
    {
        var fault = await Assert.ThrowsAsync<ConfigurationException>(() => ProxyUnderTest.StartAsync(new()
        {
            ["Server:Url"] = "https://127.0.0.1:0",
            ["Server:CertificatePath"] = path,
        }));

        Assert.Contains("Server:CertificatePath", fault.Message);
    }

    private static async Task<string> AskAsync(HttpClient client)
    {
        using HttpResponseMessage response = await client.SendAsync(Request(ProxyUnderTest.Question(), HttpVersionPolicy.RequestVersionExact), TestContext.Current.CancellationToken);
        Assert.Equal(Answers.Object("hello"), await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return response.Headers.GetValues(Protocol.HeaderNames.CacheStatus).Single();
    }

    private static HttpRequestMessage Request(string body, HttpVersionPolicy policy)
        => new(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(body, Encoding.UTF8, "application/json"), Version = HttpVersion.Version20, VersionPolicy = policy };

    /// <summary>A certificate of its own, made for the test.</summary>
    private sealed class TempCertificate : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cacheproxy-tls-");

        public TempCertificate()
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
            using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
            File.WriteAllText(Certificate, certificate.ExportCertificatePem());
            File.WriteAllText(Key, key.ExportPkcs8PrivateKeyPem());
        }

        public string Certificate => Path.Combine(_folder.FullName, "certificate.pem");

        public string Key => Path.Combine(_folder.FullName, "key.pem");

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
