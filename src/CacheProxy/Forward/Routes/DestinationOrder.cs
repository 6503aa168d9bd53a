using System.Runtime.CompilerServices;
using CacheProxy.Exchange.Routes;
using CacheProxy.Forward.Upstreams;

namespace CacheProxy.Forward.Routes;

/// <summary>
/// In which order one request tries a route's destinations: the one whose turn it is, its equals, then the fall-backs; those that rest or are down are left out
/// while another is left. A choice by load among equals would take the place of the wheel.
/// </summary>
internal sealed class DestinationOrder
{
    private readonly ConditionalWeakTable<UpstreamRoute, DestinationWheel> _wheels = [];

    public IReadOnlyList<UpstreamDestination> Of(UpstreamRoute route)
    {
        if (route.Destinations.Count == 1 && route.Fallbacks.Count == 0)
        {
            return route.Destinations;
        }

        var order = new List<UpstreamDestination>(route.Destinations.Count + route.Fallbacks.Count);
        if (route.Destinations.Count == 1)
        {
            AddIf(order, route.Destinations[0]);
        }
        else
        {
            DestinationWheel wheel = _wheels.GetValue(route, static route => new DestinationWheel(route.Destinations));
            int first = wheel.Next(MayBeAsked);
            for (int i = 0; first >= 0 && i < route.Destinations.Count; i++)
            {
                AddIf(order, route.Destinations[(first + i) % route.Destinations.Count]);
            }
        }

        foreach (UpstreamDestination fallback in route.Fallbacks)
        {
            AddIf(order, fallback);
        }

        // Where nobody seems well, probes may be wrong: all are asked rather than none; those that rest refuse by themselves.
        return order.Count > 0 ? order : [.. route.Destinations, .. route.Fallbacks];
    }

    private static void AddIf(List<UpstreamDestination> order, UpstreamDestination destination)
    {
        if (MayBeAsked(destination))
        {
            order.Add(destination);
        }
    }

    private static bool MayBeAsked(UpstreamDestination destination) => ((Upstream)destination.Target).Client.Health.MayBeAsked;
}
