using CacheProxy.Stores.Redis;

namespace CacheProxy.Tests.Stores.Redis;

public sealed class RedisUrlTests
{
    [Theory]
    [InlineData("redis://localhost")]
    [InlineData("redis://:secret@localhost:6380/2")]
    [InlineData("rediss://default:secret@cache.example:6390")]
    [InlineData("localhost:6379,other:6380,password=secret")]
    public void KnownForms_AreAccepted(string url)
    {
        using var store = new RedisEntryStore(new RedisOptions { Url = url }, TimeProvider.System);

        Assert.Equal("redis", store.Name);
    }

    [Theory]
    [InlineData("http://localhost", "neither redis nor rediss")]
    [InlineData("redis://", "Redis:Url")]
    [InlineData("redis://localhost/abc", "number of a database")]
    [InlineData("redis://app:secret@localhost", "user name")]
    [InlineData("redis://local host:secret@x", "Redis:Url")]
    [InlineData("", "Redis:Url")]
    [InlineData("localhost,nonsense=1", "Redis:Url")]
    public void Others_AreRefusedWithoutShowingTheSecret(string url, string expected)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => new RedisEntryStore(new RedisOptions { Url = url }, TimeProvider.System));

        Assert.Contains(expected, error.Message);
        Assert.DoesNotContain("secret", error.Message);
    }
}
