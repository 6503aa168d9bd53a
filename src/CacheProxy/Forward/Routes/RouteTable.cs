using CacheProxy.Exchange;
using CacheProxy.Exchange.Routes;
using CacheProxy.Forward.Upstreams;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Forward.Routes;

/// <summary>All routes at one moment: those of the settings, then each upstream by itself. Immutable, replaced whole.</summary>
internal sealed class RouteTable
{
    private readonly Entry[] _entries;

    private RouteTable(IReadOnlyList<Upstream> upstreams, Entry[] entries)
    {
        Upstreams = upstreams;
        _entries = entries;
        Default = new UpstreamRoute { Name = upstreams[0].Name, Destinations = [new UpstreamDestination { Target = upstreams[0] }], TakesSalt = TakesSalt(upstreams[0]) };
    }

    public IReadOnlyList<Upstream> Upstreams { get; }

    public UpstreamRoute Default { get; }

    /// <summary>There is more than one way to go, so that a list of models must be put together.</summary>
    public bool IsManifold => _entries.Length > 1;

    /// <summary>Each way's patterns and whether it is an upstream by itself, in the order in which they are tried.</summary>
    public IEnumerable<(NamePatterns Models, UpstreamTarget First, bool IsOwn)> Ways => _entries.Select(entry => (entry.Models, entry.First, entry.IsOwn));

    public static RouteTable Build(IReadOnlyList<Upstream> upstreams, RoutesOptions routes)
    {
        var byName = upstreams.ToDictionary(upstream => upstream.Name, StringComparer.OrdinalIgnoreCase);
        Entry[] entries =
        [
            .. routes.Select(route => new Entry(
                new NamePatterns(route.Models), new NamePatterns(route.Paths), isOwn: false,
                [.. route.Destinations.Select(options => ToDestination(options, isEqual: true))], [.. route.Fallbacks.Select(options => ToDestination(options, isEqual: false))],
                route.Name, route.Model.Length > 0 ? route.Model : null, route.ShareAliases)),
            .. upstreams.Select(upstream => new Entry(
                new NamePatterns(upstream.Options.Models), new NamePatterns(""), isOwn: true,
                [new UpstreamDestination { Target = upstream, IsSameModel = true }], [], upstream.Name, model: null, sharesAliases: false)),
        ];
        return new RouteTable(upstreams, entries);

        UpstreamDestination ToDestination(DestinationOptions options, bool isEqual) => new()
        {
            Target = byName[options.Upstream],
            Model = options.Model.Length > 0 ? options.Model : null,
            IsSameModel = isEqual || options.SameModel,
            Weight = options.Weight,
        };
    }

    public UpstreamRoute? Find(string model, Dialect dialect)
    {
        foreach (Entry entry in _entries)
        {
            if (entry.ByDialect[(int)dialect] is { } route && entry.Models.Fit(model))
            {
                return route;
            }
        }

        return null;
    }

    /// <summary>For what names no model: the first that speaks the dialect.</summary>
    public UpstreamRoute? FindDefault(Dialect dialect)
        => Array.Find(_entries, entry => entry.IsOwn && entry.ByDialect[(int)dialect] is not null)?.ByDialect[(int)dialect];

    public UpstreamRoute? FindByPath(string path)
        => Array.Find(_entries, entry => entry.Paths.Fit(path))?.Whole;

    /// <summary>The way of a model in whichever dialect: for other paths than the cached ones.</summary>
    public UpstreamRoute? FindAny(string model) => Array.Find(_entries, entry => entry.Models.Fit(model))?.Whole;

    public RequestError Refuse(string model, Dialect dialect)
    {
        string[] others =
        [
            .. from known in Enum.GetValues<Dialect>()
               where known != dialect && Find(model, known) is not null
               select DialectNames.NameOf(known),
        ];
        return others.Length == 0
            ? RequestError.ModelNotFound(model)
            : new RequestError(
                $"The model `{model}` is not served through the {DialectNames.NameOf(dialect)} API, but through: {string.Join(", ", others)}.",
                "model", "model_not_supported", StatusCodes.Status404NotFound);
    }

    /// <summary>Who remembers a route of this table looks for it anew.</summary>
    public void Retire()
    {
        Default.Retire();
        foreach (UpstreamRoute route in _entries.SelectMany(entry => entry.ByDialect.Append(entry.Whole)).OfType<UpstreamRoute>())
        {
            route.Retire();
        }
    }

    private static bool TakesSalt(UpstreamTarget target) => target is Upstream { IsCacheProxyAware: true } or Upstream { Hint: CacheHint.CacheSalt };

    private sealed class Entry
    {
        public Entry(
            NamePatterns models, NamePatterns paths, bool isOwn, UpstreamDestination[] destinations, UpstreamDestination[] fallbacks,
            string name, string? model, bool sharesAliases)
        {
            (Models, Paths, IsOwn, First) = (models, paths, isOwn, destinations[0].Target);
            Whole = Make(_ => true)!;
            ByDialect = [.. Enum.GetValues<Dialect>().Select(dialect => Make(upstream => upstream.Serves(dialect)))];

            UpstreamRoute? Make(Predicate<Upstream> serves)
            {
                UpstreamDestination[] able = Array.FindAll(destinations, destination => serves((Upstream)destination.Target));
                UpstreamDestination[] others = Array.FindAll(fallbacks, destination => serves((Upstream)destination.Target));
                return able.Length == 0 ? null : new UpstreamRoute
                {
                    Name = name,
                    Destinations = able,
                    Fallbacks = others,
                    Model = model,
                    SharesAliases = sharesAliases,
                    TakesSalt = able.Concat(others).Any(destination => TakesSalt(destination.Target)),
                    TakesPromptKey = able.Concat(others).Any(destination => destination.Target is Upstream { Hint: CacheHint.PromptCacheKey }),
                };
            }
        }

        public NamePatterns Models { get; }

        public NamePatterns Paths { get; }

        public bool IsOwn { get; }

        public UpstreamTarget First { get; }

        public UpstreamRoute Whole { get; }

        /// <summary>Null: no destination speaks it.</summary>
        public UpstreamRoute?[] ByDialect { get; }
    }
}
