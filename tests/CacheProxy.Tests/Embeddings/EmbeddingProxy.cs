using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CacheProxy.Embeddings;
using CacheProxy.Protocol;
using CacheProxy.Tests.Functional;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace CacheProxy.Tests.Embeddings;

/// <summary>The whole program in front of <see cref="EmbeddingUpstream"/>.</summary>
internal sealed class EmbeddingProxy(ProxyUnderTest proxy) : IAsyncDisposable
{
    public ProxyUnderTest Proxy => proxy;

    /// <summary>Inputs under way.</summary>
    public int Flights => proxy.Services.GetRequiredService<EmbeddingFlights>().Count;

    /// <summary>Requests that wait for them, leaders too.</summary>
    public int Waiters => proxy.Services.GetRequiredService<EmbeddingFlights>().Waiters;

    /// <summary>The inputs of each upstream call.</summary>
    public string[][] Sent => [.. proxy.Upstream.Requests.Select(request => EmbeddingUpstream.InputsOf(request.Body))];

    /// <summary>What the upstream does with the n-th call; null: it answers.</summary>
    public Func<HttpContext, string, int, Task>? Script { get; set; }

    public static async Task<EmbeddingProxy> StartAsync(Dictionary<string, string>? settings = null, Action<IServiceCollection>? services = null)
    {
        ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(settings, services);
        var sut = new EmbeddingProxy(proxy);
        proxy.Upstream.Script = (context, call) =>
        {
            string body = proxy.Upstream.Requests.ElementAt(call - 1).Body;
            return sut.Script?.Invoke(context, body, call) ?? EmbeddingUpstream.AnswerAsync(context, body);
        };
        return sut;
    }

    public Task<Reply> AskAsync(object input, string extra = "", params (string Name, string Value)[] headers)
        => SendAsync($$"""{"model":"m","input":{{JsonSerializer.Serialize(input)}}{{extra}}}""", headers);

    public async Task<Reply> SendAsync(string body, (string Name, string Value)[]? headers = null, CancellationToken? cancellationToken = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/embeddings")
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        foreach ((string name, string value) in headers ?? [])
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage response = await proxy.Client.SendAsync(request, cancellationToken ?? TestContext.Current.CancellationToken);
        return new Reply(response, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Everything that is under way has ended, its entries are stored.</summary>
    public Task SettleAsync() => Stores.Wait.UntilAsync(() => Flights == 0, "the flights to end");

    public ValueTask DisposeAsync() => proxy.DisposeAsync();
}

internal static class EmbeddingReplyExtensions
{
    public static string? Inputs(this Reply reply) => reply.Header(HeaderNames.Inputs);

    /// <summary>The vectors of an answer in either encoding, which must be numbered in order.</summary>
    public static float[][] Vectors(this Reply reply)
    {
        JsonElement[] items = [.. reply.Json.GetProperty("data").EnumerateArray()];
        Assert.Equal(Enumerable.Range(0, items.Length), items.Select(item => item.GetProperty("index").GetInt32()));
        return [.. items.Select(item => item.GetProperty("embedding")).Select(vector => vector.ValueKind == JsonValueKind.String
            ? System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(vector.GetBytesFromBase64()).ToArray()
            : [.. vector.EnumerateArray().Select(number => number.GetSingle())])];
    }
}
