using CacheProxy.EndToEnd.Tests.Support;

namespace CacheProxy.EndToEnd.Tests;

public sealed class BackendProgramTests
{
    [Fact]
    public async Task Interrupt_IdleProgram_EndsWithZero()
    {
        Uri address = ServerProgram.FreeAddress();
        await using ServerProgram program = await ServerProgram.StartAsync("CacheProxy.Inference.Server", address, ["--url", address.ToString()], new Dictionary<string, string>());
        Assert.Equal(0, await program.InterruptAsync());
    }

    [Fact]
    public async Task Start_NoModelsThere_EndsWithTheReason()
    {
        Uri address = ServerProgram.FreeAddress();
        InvalidOperationException failure = await Assert.ThrowsAsync<InvalidOperationException>(() => ServerProgram.StartAsync(
            "CacheProxy.Inference.Server", address, ["--url", address.ToString(), "--models", "no-such-folder"], new Dictionary<string, string>()));
        Assert.Contains("The backend cannot run: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("no-such-folder", failure.Message, StringComparison.Ordinal);
    }
}
