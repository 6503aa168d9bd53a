using CacheProxy.Forward.Upstreams;
using CacheProxy.TestKit;

namespace CacheProxy.Tests.Forward.Upstreams;

public sealed class UpstreamCredentialTests : IDisposable
{
    private const string Secret = "sk-very-secret";

    private readonly FakeTimeProvider _clock = new();
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Key_OfTheSettings_IsThere_AndNotInItsText()
    {
        UpstreamCredential? sut = UpstreamCredential.Create(new UpstreamOptions { ApiKey = Secret }, _clock, out _);

        Assert.Equal(Secret, sut!.Key);
        Assert.DoesNotContain(Secret, sut.ToString());
    }

    [Fact]
    public void Key_OfNobody_IsNull()
        => Assert.Null(UpstreamCredential.Create(new UpstreamOptions(), _clock, out _)!.Key);

    [Fact]
    public void Key_OfTheEnvironment_IsTrimmed()
    {
        Environment.SetEnvironmentVariable("CREDENTIAL_TEST_KEY", $" {Secret}\n");

        Assert.Equal(Secret, UpstreamCredential.Create(new UpstreamOptions { ApiKeyEnvironment = "CREDENTIAL_TEST_KEY" }, _clock, out _)!.Key);
    }

    [Fact]
    public void Key_OfAFile_FollowsIt_AndOutlivesIt()
    {
        File.WriteAllText(_file, Secret + "\n");
        UpstreamCredential sut = UpstreamCredential.Create(new UpstreamOptions { ApiKeyFile = _file }, _clock, out _)!;
        Assert.Equal(Secret, sut.Key);

        File.WriteAllText(_file, "sk-rotated");
        Assert.Equal(Secret, sut.Key);
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("sk-rotated", sut.Key);
        File.WriteAllText(_file, "");
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("sk-rotated", sut.Key);
        File.Delete(_file);
        _clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal("sk-rotated", sut.Key);
    }

    [Theory]
    [InlineData("two words", "ApiKey")]
    [InlineData("line\nbreak", "ApiKey")]
    [InlineData("umläut", "ApiKey")]
    public void Key_ThatNoHeaderCarries_IsRefusedWithoutNamingIt(string key, string setting)
    {
        Assert.Null(UpstreamCredential.Create(new UpstreamOptions { ApiKey = key }, _clock, out string? fault));
        Assert.StartsWith(setting, fault);
        Assert.DoesNotContain(key, fault);
    }

    [Theory]
    [InlineData("/no/such/file", "", "ApiKeyFile")]
    [InlineData("", "NO_SUCH_VARIABLE_OF_OURS", "ApiKeyEnvironment")]
    public void Key_ThatIsNotThere_IsAFault(string file, string variable, string setting)
    {
        Assert.Null(UpstreamCredential.Create(new UpstreamOptions { ApiKeyFile = file, ApiKeyEnvironment = variable }, _clock, out string? fault));
        Assert.StartsWith(setting, fault);
    }
}
