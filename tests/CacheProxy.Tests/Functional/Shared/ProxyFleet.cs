using CacheProxy.Tests.Stores.Redis;
using Microsoft.Extensions.DependencyInjection;

namespace CacheProxy.Tests.Functional.Shared;

/// <summary>Several proxies of one installation in front of one upstream, with a real Redis between them. Skips the test where redis-server is missing.</summary>
internal sealed class ProxyFleet : IAsyncDisposable
{
    private readonly List<ProxyUnderTest> _proxies = [];

    private ProxyFleet(RedisServer redis, ScriptedUpstream upstream)
    {
        Redis = redis;
        Upstream = upstream;
    }

    public RedisServer Redis { get; }

    public ScriptedUpstream Upstream { get; }

    public ProxyUnderTest this[int index] => _proxies[index];

    public IReadOnlyList<ProxyUnderTest> Proxies => _proxies;

    public static async Task<ProxyFleet> StartAsync(int proxies, Dictionary<string, string>? settings = null)
    {
        RedisServer redis = await RedisServer.StartNewAsync();
        var fleet = new ProxyFleet(redis, await ScriptedUpstream.StartAsync());
        for (int i = 0; i < proxies; i++)
        {
            var all = new Dictionary<string, string>(fleet.Settings());
            foreach ((string key, string value) in settings ?? [])
            {
                all[key] = value;
            }

            // Redis ends leases by the machine's clock.
            fleet._proxies.Add(await ProxyUnderTest.StartAsync(all, services => services.AddSingleton(TimeProvider.System), fleet.Upstream.Url));
        }

        return fleet;
    }

    /// <summary>What makes a proxy one of the fleet.</summary>
    public Dictionary<string, string> Settings() => new()
    {
        ["Redis:Url"] = Redis.Url,
        // A busy machine is not what is tested.
        ["Redis:BudgetMilliseconds"] = "2000",
        ["Tenants:Secret"] = "c2hhcmVkLWJ5LWFsbC1wcm94aWVzLW9mLXRoaXMtZmxlZXQ=",
        ["Flight:LeaseMilliseconds"] = "1000",
    };

    public async ValueTask DisposeAsync()
    {
        foreach (ProxyUnderTest proxy in _proxies)
        {
            await proxy.DisposeAsync();
        }

        await Upstream.DisposeAsync();
        Redis.Dispose();
    }
}
