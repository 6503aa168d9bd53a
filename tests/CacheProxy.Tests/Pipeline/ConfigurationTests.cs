using System.Text.Json;
using CacheProxy.Exchange.Policies;
using CacheProxy.Pipeline;
using CacheProxy.Pipeline.Configuration;
using CacheProxy.TestKit;
using CacheProxy.Tests.Functional;
using CacheProxy.Tests.Stores;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CacheProxy.Tests.Pipeline;

public class ConfigurationTests
{
    [Fact]
    public void ShippedFile_HasEverySettingWithItsDefault()
    {
        IConfigurationRoot shipped = new ConfigurationBuilder().AddJsonFile(Repository.File("config", "cacheproxy.json")).Build();
        var services = new ServiceCollection();
        services.AddCacheProxy(shipped);

        services.CheckSections(shipped);
        foreach (Type options in OptionTypes(services))
        {
            object fromFile = Bind(options, shipped.GetSection(SectionOf(options)));
            Assert.Equal(JsonSerializer.Serialize(Activator.CreateInstance(options), options), JsonSerializer.Serialize(fromFile, options));
            foreach (var property in options.GetProperties().Where(p => p.CanWrite && p.DeclaringType == options))
            {
                Assert.True(shipped.GetSection(SectionOf(options)).GetSection(property.Name) is var setting && (setting.Exists() || setting.Value is null && HasKey(options, property.Name)), $"{SectionOf(options)}:{property.Name} is not in the file.");
            }
        }
    }

    [Theory]
    [InlineData("Exact:TtlSecond", "60", "Exact:TtlSecond is not a setting")]
    [InlineData("Exect:TtlSeconds", "60", "Exect is not a section")]
    [InlineData("Exact:TtlSeconds", "-1", "Exact:TtlSeconds")]
    [InlineData("Exact:TtlSeconds", "an hour", "Exact:TtlSeconds")]
    [InlineData("Upstreams:0:Nane", "x", "Upstreams:0:Nane is not a setting")]
    [InlineData("Upstreams:0:Name", "x", "Upstreams:0:BaseUrl")]
    [InlineData("Semantic:Policy", "sometimes", "sometimes")]
    [InlineData("Tenants:Secret", "short", "Tenants:Secret")]
    [InlineData("Backend:Mode", "maybe", "Backend:Mode")]
    [InlineData("Backend:KvBlock", "64", "Backend:KvBlock is not a setting")]
    [InlineData("Backend:Device", "gpu", "Backend:Device")]
    [InlineData("Backend:KvDataType", "fp8", "Backend:KvDataType")]
    [InlineData("Backend:SpeculativeTokens", "65", "Backend:SpeculativeTokens")]
    [InlineData("Backend:MaxRunning", "0", "Backend:MaxRunning")]
    [InlineData("Backend:KvSinks", "20", "Backend:KvSinks is a multiple of 16, not 20")]
    [InlineData("Backend:KvBlocks", "0", "Backend:KvBlocks")]
    [InlineData("Backend:KvWindow", "-1", "Backend:KvWindow")]
    [InlineData("Backend:KvRamMegabytes", "-1", "Backend:KvRamMegabytes")]
    [InlineData("Backend:KvDiskMegabytes", "-1", "Backend:KvDiskMegabytes")]
    [InlineData("Backend:KvDiskMegabytes", "5", "Backend:KvDiskMegabytes needs Backend:KvDiskPath")]
    [InlineData("Backend:ModelName", "mine", "Backend:ModelName needs Backend:Model")]
    [InlineData("Redis:Url", "ftp://x", "Redis:Url")]
    [InlineData("Budgets:0:Name", "no spaces", "Budgets:0:Name")]
    [InlineData("Budgets:0:Name", "b", "Budgets:0 limits nothing: set Money, Tokens or Requests")]
    [InlineData("Budgets:0:Name", "b", "Budgets:0 needs either Window (hour, day, week, month) or WindowSeconds")]
    [InlineData("Budgets:0:Window", "year", "hour, day, week, month")]
    [InlineData("Budgets:0:Requests", "0", "Budgets:0:Requests")]
    [InlineData("Budgets:0:Money", "-1", "Budgets:0:Money")]
    [InlineData("Budgets:0:Soft", "2", "Budgets:0:Soft")]
    [InlineData("Budgets:0:TimeZone", "Mars/Olympus", "Budgets:0:TimeZone: this machine knows no time zone 'Mars/Olympus'")]
    [InlineData("Budgets:0:Limit", "1", "Budgets:0:Limit is not a setting")]
    [InlineData("Tenants:Names:0:Name", "a", "Tenants:Names:0 needs one of KeyId, KeyEnvironment and KeyFile")]
    [InlineData("Tenants:Names:0:KeyId", "0123", "Tenants:Names:0:KeyId")]
    [InlineData("Tenants:Names:0:KeyEnvironment", "CACHEPROXY_TEST_NO_SUCH", "Tenants:Names:0:KeyEnvironment: there is no key where it points")]
    [InlineData("Tenants:Names:0:KeyFile", "/nowhere/key", "Tenants:Names:0:KeyFile: there is no key where it points")]
    public async Task Fault_StopsTheStartNamingTheKey(string key, string value, string message)
    {
        var exception = await Assert.ThrowsAsync<ConfigurationException>(() => ProxyUnderTest.StartAsync(new() { [key] = value }));

        Assert.Contains(message, exception.Message);
    }

    [Fact]
    public async Task NamesAndBudgets_ThatAreThereTwice_AreNamedBoth()
    {
        var exception = await Assert.ThrowsAsync<ConfigurationException>(() => ProxyUnderTest.StartAsync(new()
        {
            ["Tenants:Names:0:Name"] = "a",
            ["Tenants:Names:0:KeyId"] = "0123456789abcdef",
            ["Tenants:Names:1:Name"] = "a",
            ["Tenants:Names:1:KeyId"] = "0123456789abcdef",
            ["Budgets:0:Name"] = "b",
            ["Budgets:0:Requests"] = "1",
            ["Budgets:0:Window"] = "day",
            ["Budgets:1:Name"] = "b",
            ["Budgets:1:Requests"] = "1",
            ["Budgets:1:WindowSeconds"] = "60",
        }));

        Assert.Equal(3, exception.Faults.Count);
        Assert.Contains("Tenants:Names:1:Name is 'a', as Tenants:Names:0 is", exception.Message);
        Assert.Contains("Tenants:Names:1 names the same key as Tenants:Names:0", exception.Message);
        Assert.Contains("Budgets:1:Name is 'b', as Budgets:0 is", exception.Message);
    }

    [Fact]
    public async Task Faults_AreToldAllAtOnce()
    {
        var exception = await Assert.ThrowsAsync<ConfigurationException>(
            () => ProxyUnderTest.StartAsync(new() { ["Exact:TtlSeconds"] = "-1", ["Server:Typo"] = "1", ["Nothing:X"] = "1" }));

        Assert.Equal(3, exception.Faults.Count);
    }

    [Fact]
    public void NamedFile_ThatIsNotThere_StopsTheStart()
        => Assert.Throws<ConfigurationException>(() => CacheProxyApplication.Build(["--config", "/nowhere/at/all.json"]));

    [Theory]
    [InlineData("PREFIX", "/usr")]
    [InlineData("LEDGER__ROWDAYS", "many")]
    public async Task Environment_WithoutOurPrefix_IsNoSetting(string name, string value)
    {
        string? before = Environment.GetEnvironmentVariable(name);
        Environment.SetEnvironmentVariable(name, value);
        try
        {
            await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();

            Assert.Equal(200, (await proxy.AskAsync()).Status);
        }
        finally
        {
            Environment.SetEnvironmentVariable(name, before);
        }
    }

    [Fact]
    public async Task Reload_OfAGoodFile_IsUsedAtOnce()
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync();
        await proxy.AskAsync();

        await ChangeAsync(proxy, "\"Exact\":{\"TtlSeconds\":\"77\"}");
        await Wait.UntilAsync(() => Ttl(proxy) == 77, "the new TTL");
        await proxy.AskAsync("another");

        Assert.Equal("CacheProxy; hit; detail=exact; ttl=77", (await proxy.AskAsync("another")).CacheStatus);
        // What was stored for longer keeps to it too.
        Assert.Equal("CacheProxy; hit; detail=exact; ttl=77", (await proxy.AskAsync()).CacheStatus);
    }

    [Theory]
    [InlineData("\"Exact\":{\"TtlSeconds\":\"-5\"}")]
    [InlineData("\"Exact\":{\"Typo\":\"1\"}")]
    [InlineData("\"Exact\":{\"TtlSeconds\":")]
    public async Task Reload_OfABadFile_KeepsTheLastGoodOne(string bad)
    {
        await using ProxyUnderTest proxy = await ProxyUnderTest.StartAsync(new() { ["Exact:TtlSeconds"] = "55" });

        await ChangeAsync(proxy, bad);
        await ChangeAsync(proxy, "\"Flight\":{\"FailureHoldMilliseconds\":\"1\"}," + bad);
        // A file that is taken away changes nothing either.
        File.Delete(proxy.ConfigurationPath);
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.Equal(55, Ttl(proxy));
        Assert.Equal(200, (await proxy.AskAsync()).Status);
    }

    private static int Ttl(ProxyUnderTest proxy) => proxy.Services.GetRequiredService<IOptionsMonitor<ExactOptions>>().CurrentValue.TtlSeconds;

    private static async Task ChangeAsync(ProxyUnderTest proxy, string section)
    {
        string text = await File.ReadAllTextAsync(proxy.ConfigurationPath, TestContext.Current.CancellationToken);
        int cut = text.IndexOf(",\"Exact\"", StringComparison.Ordinal);
        string rest = cut < 0 ? text[..text.LastIndexOf('}')] : text[..cut];
        await File.WriteAllTextAsync(proxy.ConfigurationPath, $"{rest},{section}}}", TestContext.Current.CancellationToken);
    }

    private static IEnumerable<Type> OptionTypes(IServiceCollection services) => services
        .Where(service => service.ServiceType is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(LastGoodOptions<>))
        .Select(service => service.ServiceType.GenericTypeArguments[0]);

    private static string SectionOf(Type options) => options.GetField("Section")?.GetRawConstantValue() as string ?? "Upstreams";

    private static object Bind(Type type, IConfigurationSection section)
    {
        object options = Activator.CreateInstance(type)!;
        section.Bind(options);
        return options;
    }

    // A null or an empty list leaves no key behind in the configuration: look into the text.
    private static bool HasKey(Type options, string name)
        => JsonDocument.Parse(File.ReadAllText(Repository.File("config", "cacheproxy.json"))).RootElement.GetProperty(SectionOf(options)).TryGetProperty(name, out _);
}
