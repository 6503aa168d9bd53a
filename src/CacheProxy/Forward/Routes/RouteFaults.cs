using System.Text.RegularExpressions;
using CacheProxy.Exchange.Routes;
using CacheProxy.Forward.Upstreams;

namespace CacheProxy.Forward.Routes;

/// <summary>What is wrong with upstreams and routes beyond what one upstream's attributes can say. Each fault begins with its key.</summary>
internal static partial class RouteFaults
{
    private const int MaxWeight = 1000;

    public static IEnumerable<string> Find(IReadOnlyList<UpstreamOptions> upstreams, IReadOnlyList<UpstreamRouteOptions> routes)
    {
        foreach ((int index, UpstreamOptions upstream) in upstreams.Index())
        {
            foreach (string fault in FaultsOf(upstream))
            {
                yield return $"{UpstreamOptions.Section}:{index}:{fault}";
            }
        }

        if (FirstTwice(upstreams.Select(upstream => upstream.Name)) is { } twice)
        {
            yield return $"Two upstreams are named {twice}.";
        }

        if (FirstTwice(routes.Select(route => route.Name)) is { } twin)
        {
            yield return $"Two routes are named {twin}.";
        }

        foreach ((int index, UpstreamRouteOptions route) in routes.Index())
        {
            foreach (string fault in FaultsOf(route, upstreams))
            {
                yield return $"{UpstreamRouteOptions.Section}:{index}:{fault}";
            }
        }
    }

    private static IEnumerable<string> FaultsOf(UpstreamOptions upstream)
    {
        if (Uri.TryCreate(upstream.BaseUrl, UriKind.Absolute, out Uri? address))
        {
            if (address.Scheme is not ("http" or "https"))
            {
                yield return $"{nameof(upstream.BaseUrl)}: the scheme is http or https.";
            }

            if (address.UserInfo.Length > 0)
            {
                yield return $"{nameof(upstream.BaseUrl)}: credentials belong into {nameof(upstream.ApiKey)}, not into the address.";
            }

            if (address.Query.Length > 0)
            {
                yield return $"{nameof(upstream.BaseUrl)}: an address without a query.";
            }
        }

        int keys = new[] { upstream.ApiKey, upstream.ApiKeyFile, upstream.ApiKeyEnvironment }.Count(text => text.Length > 0);
        if (keys > 1)
        {
            yield return $"{nameof(upstream.ApiKey)}: only one of {nameof(upstream.ApiKey)}, {nameof(upstream.ApiKeyFile)} and {nameof(upstream.ApiKeyEnvironment)}.";
        }
    }

    private static IEnumerable<string> FaultsOf(UpstreamRouteOptions route, IReadOnlyList<UpstreamOptions> upstreams)
    {
        if (!Names().IsMatch(route.Name))
        {
            yield return $"{nameof(route.Name)}: 1 to 64 letters, digits, '_', '.' or '-', not '{route.Name}'.";
        }

        // Its own fingerprints would be the upstream's, though it may send the same name elsewhere.
        if (upstreams.Any(upstream => upstream.Name.Equals(route.Name, StringComparison.OrdinalIgnoreCase)))
        {
            yield return $"{nameof(route.Name)}: an upstream is named {route.Name}; a route has a name of its own.";
        }

        if (new NamePatterns(route.Models).IsEmpty && new NamePatterns(route.Paths).IsEmpty)
        {
            yield return $"{nameof(route.Models)}: at least one name or pattern (or {nameof(route.Paths)}).";
        }

        if (route.ShareAliases && route.Model.Length == 0)
        {
            yield return $"{nameof(route.ShareAliases)} needs {nameof(route.Model)}: without it the names are different models.";
        }

        if (route.Destinations.Count == 0)
        {
            yield return $"{nameof(route.Destinations)}: at least one.";
        }

        foreach ((string list, List<DestinationOptions> destinations) in new[] { (nameof(route.Destinations), route.Destinations), (nameof(route.Fallbacks), route.Fallbacks) })
        {
            foreach ((int index, DestinationOptions destination) in destinations.Index())
            {
                if (!upstreams.Any(upstream => upstream.Name.Equals(destination.Upstream, StringComparison.OrdinalIgnoreCase)))
                {
                    yield return $"{list}:{index}:{nameof(destination.Upstream)}: '{destination.Upstream}' is none of {string.Join(", ", upstreams.Select(upstream => upstream.Name))}.";
                }

                if (destination.Weight is < 1 or > MaxWeight)
                {
                    yield return $"{list}:{index}:{nameof(destination.Weight)}: 1 to {MaxWeight}, not {destination.Weight}.";
                }
            }
        }
    }

    private static string? FirstTwice(IEnumerable<string> names)
        => names.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1)?.Key;

    [GeneratedRegex("^[A-Za-z0-9_.-]{1,64}$")]
    private static partial Regex Names();
}
