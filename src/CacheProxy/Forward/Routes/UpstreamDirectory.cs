using CacheProxy.Exchange;
using CacheProxy.Exchange.Routes;
using CacheProxy.Forward.Backend;
using CacheProxy.Forward.Upstreams;
using CacheProxy.Protocol.OpenAI;
using Microsoft.Extensions.Options;

namespace CacheProxy.Forward.Routes;

/// <summary>
/// The configured upstreams and which models go where. A changed configuration replaces all of it at once; requests under way go on with what they began with, and
/// connections whose settings stayed the same are kept.
/// </summary>
public sealed partial class UpstreamDirectory : IUpstreamDirectory, IDisposable
{
    // Upstreams and routes change in one file but are told one after the other.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(100);

    private readonly IOptionsMonitor<UpstreamsOptions> _upstreams;
    private readonly IOptionsMonitor<RoutesOptions> _routes;
    private readonly BackendOptions _backend;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly ITimer _settled;
    private readonly IDisposable?[] _subscriptions;
    private readonly Lock _replacing = new();
    private volatile RouteTable _table;

    /// <exception cref="OptionsValidationException">With every fault of the upstreams and routes.</exception>
    public UpstreamDirectory(
        IOptionsMonitor<UpstreamsOptions> upstreams, IOptionsMonitor<RoutesOptions> routes, IOptions<BackendOptions> backend, TimeProvider clock, ILogger<UpstreamDirectory> logger)
    {
        (_upstreams, _routes, _backend, _clock, _logger) = (upstreams, routes, backend.Value, clock, logger);
        _table = Build([]);
        _settled = clock.CreateTimer(_ => Replace(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _subscriptions = [upstreams.OnChange(_ => Settle()), routes.OnChange(_ => Settle())];
    }

    public UpstreamRoute Default => _table.Default;

    public IReadOnlyList<UpstreamTarget> All => _table.Upstreams;

    /// <summary>How each of them is now.</summary>
    public IEnumerable<(string Name, UpstreamState State)> States => _table.Upstreams.Select(upstream => (upstream.Name, upstream.Client.Health.State));

    internal RouteTable Table => _table;

    public UpstreamRoute? Find(string model, Dialect dialect) => _table.Find(model, dialect);

    public UpstreamRoute? FindDefault(Dialect dialect) => _table.FindDefault(dialect);

    public RequestError Refuse(string model, Dialect dialect) => _table.Refuse(model, dialect);

    public void Dispose()
    {
        foreach (IDisposable? subscription in _subscriptions)
        {
            subscription?.Dispose();
        }

        _settled.Dispose();
        foreach (Upstream upstream in _table.Upstreams)
        {
            upstream.Client.Dispose();
        }
    }

    private void Settle() => _settled.Change(Settling, Timeout.InfiniteTimeSpan);

    private void Replace()
    {
        lock (_replacing)
        {
            RouteTable before = _table;
            try
            {
                _table = Build([.. before.Upstreams.Select(upstream => upstream.Client)]);
            }
            catch (OptionsValidationException exception)
            {
                Log.Rejected(_logger, string.Join(" ", exception.Failures));
                return;
            }

            before.Retire();
            Log.Replaced(_logger, string.Join(", ", _table.Upstreams.Select(upstream => upstream.Name)));
        }
    }

    private RouteTable Build(IReadOnlyList<UpstreamClient> clients)
    {
        // Without a list, the backend is the upstream: inside this process, or where Backend:Url says.
        IReadOnlyList<UpstreamOptions> list = _upstreams.CurrentValue.Count > 0
            ? _upstreams.CurrentValue
            : [new UpstreamOptions { Name = BackendOptions.UpstreamName, BaseUrl = _backend.Url, Kind = UpstreamKind.CacheProxy }];
        RoutesOptions routes = _routes.CurrentValue;
        List<string> faults = [.. RouteFaults.Find(list, routes)];
        var upstreams = new List<Upstream>();
        foreach ((int index, UpstreamOptions options) in list.Index())
        {
            try
            {
                upstreams.Add(Upstream.Create(options, clients, _clock));
            }
            catch (FormatException exception)
            {
                faults.Add($"{UpstreamOptions.Section}:{index}:{exception.Message}");
            }
        }

        return faults.Count > 0 ? throw new OptionsValidationException(UpstreamOptions.Section, typeof(UpstreamsOptions), faults) : RouteTable.Build(upstreams, routes);
    }

    private static partial class Log
    {
        [LoggerMessage(811, LogLevel.Information, "The upstreams are now {Upstreams}", EventName = "UpstreamsReplaced")]
        public static partial void Replaced(ILogger logger, string upstreams);

        [LoggerMessage(812, LogLevel.Warning, "The changed upstreams are not used, the last good ones stay: {Faults}", EventName = "UpstreamsRejected")]
        public static partial void Rejected(ILogger logger, string faults);
    }
}
