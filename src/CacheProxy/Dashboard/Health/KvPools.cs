using System.Text.Json;
using CacheProxy.Dashboard.Api;
using CacheProxy.Forward.Upstreams;

namespace CacheProxy.Dashboard.Health;

/// <summary>Asks backends of our kind, in this process or elsewhere, about the prefix cache of their models.</summary>
internal sealed class KvPools(TimeProvider time)
{
    private const string StatsPath = "/v1/cache/stats";
    private const string ModelsPath = "/v1/models";
    private const int LargestAnswerBytes = 1 << 20;
    private const int MostModels = 16;

    // The page shows what is there by then.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public async Task<IReadOnlyList<KvPoolView>> ReadAsync(IEnumerable<Upstream> upstreams, CancellationToken cancellationToken)
    {
        IReadOnlyList<KvPoolView>[] all = await Task.WhenAll(
            upstreams.Where(upstream => upstream.IsCacheProxyAware).Select(upstream => ReadAsync(upstream, cancellationToken)));
        return [.. all.SelectMany(pools => pools)];
    }

    private async Task<IReadOnlyList<KvPoolView>> ReadAsync(Upstream upstream, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            (int status, JsonElement answer) = await AskAsync(upstream, StatsPath, either.Token);
            return status switch
            {
                StatusCodes.Status200OK => [ToView(upstream.Name, answer)],
                // It serves several and asks which.
                StatusCodes.Status400BadRequest => await ReadEachAsync(upstream, either.Token),
                // Another proxy: it keeps this to itself.
                StatusCodes.Status404NotFound => [],
                _ => [KvPoolView.Unknown(upstream.Name, $"It answered with status {status}.")],
            };
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested
            && exception is HttpRequestException or IOException or OperationCanceledException or JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return [KvPoolView.Unknown(upstream.Name, exception is OperationCanceledException ? "It did not answer in time." : exception.Message)];
        }
    }

    private static async Task<IReadOnlyList<KvPoolView>> ReadEachAsync(Upstream upstream, CancellationToken cancellationToken)
    {
        (int status, JsonElement models) = await AskAsync(upstream, ModelsPath, cancellationToken);
        if (status != StatusCodes.Status200OK)
        {
            return [];
        }

        var pools = new List<KvPoolView>();
        foreach (string id in models.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()!).Take(MostModels))
        {
            // A model that only embeds has none.
            (int found, JsonElement answer) = await AskAsync(upstream, $"{StatsPath}?model={Uri.EscapeDataString(id)}", cancellationToken);
            if (found == StatusCodes.Status200OK)
            {
                pools.Add(ToView(upstream.Name, answer));
            }
        }

        return pools;
    }

    private static async Task<(int Status, JsonElement Answer)> AskAsync(Upstream upstream, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, upstream.BaseUrl + path);
        if (upstream.Credential.Key is { } key)
        {
            upstream.AddKey(request, key);
        }

        using HttpResponseMessage response = await upstream.Client.Invoker.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            return ((int)response.StatusCode, default);
        }

        await response.Content.LoadIntoBufferAsync(LargestAnswerBytes, cancellationToken);
        using JsonDocument document = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), default, cancellationToken);
        return ((int)response.StatusCode, document.RootElement.Clone());
    }

    private static KvPoolView ToView(string upstream, JsonElement answer)
    {
        JsonElement pool = answer.GetProperty("pool"), totals = answer.GetProperty("totals");
        long queried = Number(totals, "queried_tokens"), hit = Number(totals, "hit_tokens");
        return new KvPoolView(
            upstream, answer.GetProperty("model").GetString(), Number(pool, "block_tokens"), Number(pool, "block_bytes"), Number(pool, "free_blocks"), Number(pool, "cached_blocks"),
            Number(pool, "leased_blocks"), Number(pool, "pinned_blocks"), queried, hit, FiguresView.Share(hit, queried), Number(totals, "evicted_blocks"),
            Tier(answer, "ram"), Tier(answer, "disk"), null);
    }

    private static KvTierView? Tier(JsonElement answer, string name)
        => answer.TryGetProperty(name, out JsonElement tier) ? new KvTierView(Number(tier, "blocks"), Number(tier, "bytes"), Number(tier, "hit_tokens")) : null;

    private static long Number(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) ? value.GetInt64() : 0;
}
