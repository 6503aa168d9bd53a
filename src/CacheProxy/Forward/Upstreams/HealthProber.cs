using System.Collections.Concurrent;
using CacheProxy.Forward.Routes;

namespace CacheProxy.Forward.Upstreams;

/// <summary>Asks those upstreams for a sign of life whose settings want it. An answer below 500 is one: a refused key is no fault of the server.</summary>
public sealed partial class HealthProber(UpstreamDirectory upstreams, TimeProvider clock, ILogger<HealthProber> logger) : BackgroundService
{
    private readonly Dictionary<UpstreamClient, DateTimeOffset> _due = [];
    private readonly ConcurrentDictionary<UpstreamClient, Task> _underWay = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), clock);
        try
        {
            do
            {
                // Not waited for: one that does not answer must not hold up the others' probes.
                Due().ForEach(upstream => _ = RunAsync(upstream, stoppingToken));
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program ends.
        }
    }

    private List<Upstream> Due()
    {
        DateTimeOffset now = clock.GetUtcNow();
        Upstream[] probed = [.. upstreams.Table.Upstreams.Where(upstream => upstream.Options.HealthIntervalSeconds > 0)];
        foreach (UpstreamClient gone in _due.Keys.Except(probed.Select(upstream => upstream.Client)).ToArray())
        {
            _due.Remove(gone);
        }

        List<Upstream> due = [.. probed.Where(upstream => !_underWay.ContainsKey(upstream.Client) && (!_due.TryGetValue(upstream.Client, out DateTimeOffset next) || next <= now))];
        due.ForEach(upstream => _due[upstream.Client] = now.AddSeconds(upstream.Options.HealthIntervalSeconds));
        return due;
    }

    private async Task RunAsync(Upstream upstream, CancellationToken stoppingToken)
    {
        Task probe = _underWay.GetOrAdd(upstream.Client, _ => ProbeAsync(upstream, stoppingToken));
        await probe.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _underWay.TryRemove(upstream.Client, out _);
    }

    private async Task ProbeAsync(Upstream upstream, CancellationToken stoppingToken)
    {
        string reason;
        bool isUp = false;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, upstream.BaseUrl + upstream.HealthPath);
            if (upstream.Credential.Key is { } key)
            {
                upstream.AddKey(request, key);
            }

            if (upstream.Profile.RequiredHeader is { } required)
            {
                request.Headers.TryAddWithoutValidation(required.Name, required.Value);
            }

            using var late = new CancellationTokenSource(TimeSpan.FromSeconds(upstream.Options.HealthTimeoutSeconds), clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stoppingToken);
            using HttpResponseMessage response = await upstream.Client.Invoker.SendAsync(request, either.Token);
            reason = $"status {(int)response.StatusCode}";
            isUp = (int)response.StatusCode < StatusCodes.Status500InternalServerError;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            stoppingToken.ThrowIfCancellationRequested();
            reason = exception is OperationCanceledException ? "no answer in time" : exception.Message;
        }

        if (!upstream.Client.Health.Probed(isUp))
        {
            return;
        }

        if (isUp)
        {
            Log.IsUp(logger, upstream.Name);
        }
        else
        {
            Log.IsDown(logger, upstream.Name, reason);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(831, LogLevel.Warning, "The upstream {Upstream} is down: {Reason}", EventName = "UpstreamDown")]
        public static partial void IsDown(ILogger logger, string upstream, string reason);

        [LoggerMessage(832, LogLevel.Information, "The upstream {Upstream} is up again", EventName = "UpstreamUp")]
        public static partial void IsUp(ILogger logger, string upstream);
    }
}
