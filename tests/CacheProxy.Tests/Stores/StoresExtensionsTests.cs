using CacheProxy.ExactCache;
using CacheProxy.Exchange.Policies;
using CacheProxy.Pipeline.Configuration;
using CacheProxy.SemanticCache;
using CacheProxy.Stores;
using CacheProxy.Stores.Memory;
using CacheProxy.Stores.Qdrant;
using CacheProxy.Stores.Redis;
using CacheProxy.Stores.Resilience;
using CacheProxy.Tests.Stores.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CacheProxy.Tests.Stores;

public sealed class StoresExtensionsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task NoUrls_KeepsEntriesInSqliteUnderTheDataPath()
    {
        await using ServiceProvider provider = await StartAsync();
        IEntryStore store = provider.GetRequiredService<IEntryStore>();
        await store.SetAsync(SampleEntries.Plain(1, createdAt: TimeProvider.System.GetUtcNow()), Cancellation);

        Assert.Equal("sqlite", store.Name);
        Assert.IsType<GuardedEntryStore>(store);
        Assert.True(File.Exists(_folder.File("entries.db")));
        Assert.NotNull(await store.GetAsync(SampleEntries.Fingerprint(1), Cancellation));
        Assert.Null(provider.GetService<IVectorIndexFactory>());
        Assert.Equal(128 << 20, provider.GetRequiredService<MemoryEntryStore>().SizeLimitBytes);
    }

    [Fact]
    public async Task RedisUrl_UsesRedisAndMakesNoFile()
    {
        await using ServiceProvider provider = await StartAsync(("Redis:Url", "redis://127.0.0.1:1"));

        Assert.Equal("redis", provider.GetRequiredService<IEntryStore>().Name);
        Assert.Null(await provider.GetRequiredService<IEntryStore>().GetAsync(SampleEntries.Fingerprint(1), Cancellation));
        Assert.False(Directory.Exists(_folder.FolderPath));
    }

    [Fact]
    public async Task QdrantUrl_UsesQdrant()
    {
        await using ServiceProvider provider = await StartAsync(("Qdrant:Url", "http://127.0.0.1:1/below"), ("Qdrant:ApiKey", "key"));
        IVectorIndex index = provider.GetRequiredService<IVectorIndexFactory>().Create(dimensions: 2);

        Assert.Equal("qdrant", index.Name);
        Assert.Empty(await index.SearchAsync(SampleEntries.Fingerprint(1), new float[] { 1, 0 }, 1, 0, Cancellation));
    }

    [Theory]
    [InlineData("Redis:Url", "http://localhost", "Redis:Url")]
    [InlineData("Qdrant:Url", "localhost:6333", "Qdrant:Url")]
    [InlineData("Qdrant:Collection", "a/b", "Collection")]
    [InlineData("Redis:BudgetMilliseconds", "0", "BudgetMilliseconds")]
    [InlineData("Data:EntriesMegabytes", "-1", "EntriesMegabytes")]
    [InlineData("Redis:Urll", "x", "Redis:Urll")]
    public async Task WrongValue_StopsTheStartAndNamesTheKey(string key, string value, string expected)
    {
        ConfigurationException error = await Assert.ThrowsAsync<ConfigurationException>(() => StartAsync((key, value)));

        Assert.Contains(expected, error.Message);
    }

    private async Task<ServiceProvider> StartAsync(params (string Key, string Value)[] settings)
    {
        IConfigurationRoot configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Append(("Data:Path", _folder.FolderPath)).Select(s => KeyValuePair.Create(s.Item1, (string?)s.Item2)))
            .Build();
        IServiceCollection services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<IConfiguration>(configuration)
            .AddSection<ExactOptions>(ExactOptions.Section)
            .AddSection<DataOptions>(DataOptions.Section)
            .AddSection<RedisOptions>(RedisOptions.Section, new StoreUrlValidator())
            .AddSection<QdrantOptions>(QdrantOptions.Section, new StoreUrlValidator())
            .AddStores(configuration);
        services.CheckSections(configuration);
        ServiceProvider provider = services.BuildServiceProvider();
        foreach (IHostedService service in provider.GetServices<IHostedService>())
        {
            await service.StartAsync(Cancellation);
        }

        return provider;
    }
}
