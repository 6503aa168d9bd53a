using CacheProxy.Exchange;
using Microsoft.Extensions.Options;

namespace CacheProxy.Forward;

/// <summary>The configured upstreams and which models go where. Read once: another upstream is another start.</summary>
public sealed class UpstreamDirectory : IUpstreamDirectory
{
    private readonly Upstream[] _upstreams;

    /// <exception cref="OptionsValidationException">There is no upstream, or two have one name.</exception>
    public UpstreamDirectory(IOptions<UpstreamsOptions> options, IOptions<BackendOptions> backend)
    {
        // Without a list, the backend is the upstream: inside this process, or where Backend:Url says.
        IReadOnlyList<UpstreamOptions> list = options.Value.Count > 0
            ? options.Value
            : [new UpstreamOptions { Name = BackendOptions.UpstreamName, BaseUrl = backend.Value.Url, CacheProxyAware = true }];
        if (list.GroupBy(upstream => upstream.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new OptionsValidationException(UpstreamOptions.Section, typeof(UpstreamsOptions), [$"Two upstreams are named {twice.Key}."]);
        }

        _upstreams = [.. list.Select(upstream => new Upstream(upstream))];
        All = [.. _upstreams.Select(upstream => upstream.Target)];
    }

    public UpstreamRoute Default => _upstreams[0].Route;

    public IReadOnlyList<UpstreamTarget> All { get; }

    public UpstreamRoute? Find(string model, Dialect dialect)
    {
        foreach (Upstream upstream in _upstreams)
        {
            if (upstream.Serves(model))
            {
                return upstream.Route;
            }
        }

        return null;
    }

    internal UpstreamOptions OptionsOf(UpstreamTarget target) => _upstreams[All.Index().First(item => ReferenceEquals(item.Item, target)).Index].Options;

    private sealed class Upstream
    {
        private readonly string[] _models;

        public Upstream(UpstreamOptions options)
        {
            Options = options;
            _models = options.Models.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            Target = new UpstreamTarget
            {
                Name = options.Name,
                BaseUrl = WithoutVersion(options.BaseUrl),
                ApiKey = options.ApiKey.Length > 0 ? options.ApiKey : null,
                ApiKeyHeader = options.ApiKeyHeader,
                IsCacheProxyAware = options.CacheProxyAware,
            };
            Route = new UpstreamRoute { Name = options.Name, Destinations = [new UpstreamDestination { Target = Target }] };
        }

        public UpstreamOptions Options { get; }

        public UpstreamTarget Target { get; }

        public UpstreamRoute Route { get; }

        public bool Serves(string model) => Array.Exists(_models, pattern => pattern.EndsWith('*')
            ? model.AsSpan().StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal)
            : model == pattern);

        // Providers document their base address with /v1, and the request's path begins with it too.
        private static string WithoutVersion(string url)
        {
            string trimmed = url.TrimEnd('/');
            return trimmed.EndsWith("/v1", StringComparison.Ordinal) ? trimmed[..^3] : trimmed;
        }
    }
}
