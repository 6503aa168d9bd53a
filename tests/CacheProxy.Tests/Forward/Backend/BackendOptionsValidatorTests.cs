using CacheProxy.Forward.Backend;
using Microsoft.Extensions.Options;

namespace CacheProxy.Tests.Forward.Backend;

public class BackendOptionsValidatorTests
{
    [Theory]
    [InlineData(0, "", 16)]
    [InlineData(0, "there", 0)]
    [InlineData(5, "there", 32)]
    public void KvSettings_ThatFitTogether_Pass(int diskMegabytes, string diskPath, int sinks) =>
        Assert.True(Validate(new() { KvDiskMegabytes = diskMegabytes, KvDiskPath = diskPath, KvSinks = sinks }).Succeeded);

    [Fact]
    public void KvSettings_SeveralFaults_AreAllNamed()
    {
        ValidateOptionsResult result = Validate(new() { KvDiskMegabytes = 5, KvSinks = 20 });

        Assert.Equal(["Backend:KvDiskMegabytes needs Backend:KvDiskPath.", "Backend:KvSinks is a multiple of 16, not 20."], result.Failures);
    }

    private static ValidateOptionsResult Validate(BackendOptions options) => new BackendOptionsValidator().Validate(null, options);
}
