using System.Diagnostics;
using CacheProxy.Flight.Shared;
using CacheProxy.Stores.Redis;

namespace CacheProxy.Tests.Stores.Redis;

public class RedisLeaseTests
{
    private static readonly ActivityContext s_trace = new(
        ActivityTraceId.CreateFromString("0af7651916cd43dd8448eb211c80319c"), ActivitySpanId.CreateFromString("b7ad6b7169203331"), ActivityTraceFlags.Recorded, isRemote: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Lease_ReadsBackAsItWasWritten(bool isTraced)
    {
        var written = RedisLease.New(new SharedFlightNotice(7, isTraced ? s_trace : default));

        Assert.True(RedisLease.TryParse(written.Text, out RedisLease read));
        Assert.Equal(written, read);
        Assert.Equal(isTraced ? 3 : 2, written.Text.Split(' ').Length);
    }

    [Theory]
    [InlineData("3f2504e04f8941d39a0c0305e82c3301 7 nonsense", true)]
    [InlineData("3f2504e04f8941d39a0c0305e82c3301 7 00-00000000000000000000000000000000-b7ad6b7169203331-01", true)]
    [InlineData("3f2504e04f8941d39a0c0305e82c3301 -7", false)]
    [InlineData("3f2504e04f8941d39a0c0305e82c3301", false)]
    [InlineData("3f2504e04f8941d39a0c0305e82c3301 7 a b", false)]
    [InlineData("7", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Lease_OfAnotherHand_IsReadWithoutItsTraceOrNotAtAll(string? text, bool isLease)
    {
        Assert.Equal(isLease, RedisLease.TryParse(text, out RedisLease lease));
        Assert.Equal(default, lease.Notice.Trace);
    }
}
