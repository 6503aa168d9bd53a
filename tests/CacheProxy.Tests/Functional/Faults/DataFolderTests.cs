using CacheProxy.Tests.Functional.Shared;
using CacheProxy.Tests.Stores;

namespace CacheProxy.Tests.Functional.Faults;

/// <summary>What the program does where its data folder is of no use.</summary>
public class DataFolderTests
{
    [Theory]
    [InlineData("")]
    [InlineData("data")]
    [InlineData("data/of/the/proxy")]
    public async Task Path_ThatIsAFileOrUnderOne_StopsTheStartAndIsNamed(string under)
    {
        string file = Path.GetTempFileName();
        try
        {
            await AssertIsRefusedAsync(Path.Combine(file, under).TrimEnd('/'));
            Assert.Equal(0, new FileInfo(file).Length);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Path_WhereTheSystemMakesNoFolder_StopsTheStartAndIsNamed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc is Linux's.");
        await AssertIsRefusedAsync("/proc/cacheproxy");
    }

    /// <summary>It may be writable again any moment, and a proxy that does not start answers nobody.</summary>
    [Fact]
    public async Task Folder_ThatTakesNoFiles_IsNamedAndTrafficGoesOn()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc is Linux's.");
        const string folder = "/proc/self/task";
        await using ScriptedUpstream upstream = await ScriptedUpstream.StartAsync();
        using ProxyProcess program = await ProxyProcess.StartAsync(upstream.Url, new() { ["Data:Path"] = folder });

        foreach (string expected in new[] { "CacheProxy; fwd=miss", "CacheProxy; hit; detail=exact" })
        {
            using HttpResponseMessage answer = await program.BeginAsync(ProxyUnderTest.Question());
            Assert.Equal(200, (int)answer.StatusCode);
            Assert.StartsWith(expected, answer.Headers.GetValues("Cache-Status").Single(), StringComparison.Ordinal);
            await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        }

        Assert.Contains($"Data:Path {folder} cannot be written", program.Output, StringComparison.Ordinal);
        await Wait.UntilAsync(
            async () => (await program.MetricsAsync()).Contains("cacheproxy_file_up{cacheproxy_file=\"ledger.db\"} 0", StringComparison.Ordinal), "the ledger's fault to be seen");
    }

    private static async Task AssertIsRefusedAsync(string path)
    {
        (int code, string output) = await ProxyProcess.RunAsync("http://127.0.0.1:9", new() { ["Data:Path"] = path });

        Assert.Equal(1, code);
        Assert.Contains($"Data:Path {path} cannot be made", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }
}
