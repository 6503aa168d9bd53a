using CacheProxy.Inference.Speculation;

namespace CacheProxy.Inference.Tests.Speculation;

public sealed class PromptLookupTests
{
    [Fact]
    public void Propose_TextSeenBefore_IsItsContinuation()
    {
        int[] tokens = [1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3];
        var draft = new int[4];

        int length = new PromptLookup(16).Propose(tokens, 64, draft, breakEven: 0.1);

        Assert.Equal([4, 5, 6, 7], draft[..length]);
    }

    [Fact]
    public void Propose_TextThatRepeatsItself_GoesOnRepeating()
    {
        int[] tokens = [9, 9, 1, 2, 1, 2, 1, 2];
        var draft = new int[4];

        int length = new PromptLookup(16).Propose(tokens, 64, draft, breakEven: 0.1);

        Assert.Equal([1, 2, 1, 2], draft[..length]);
    }

    [Fact]
    public void Propose_NoRoom_IsNothing()
        => Assert.Equal(0, new PromptLookup(16).Propose([1, 2, 3, 1, 2, 3, 1, 2, 3], 64, [], 0.1));

    [Fact]
    public void Propose_WeakMatchesThatFail_DoNotHoldUpAStrongOne()
    {
        var lookup = new PromptLookup(16);
        int[] weak = [1, 2, 3, 50, 1, 2, 3];
        var draft = new int[8];
        for (int i = 0; i < 40; i++)
        {
            int drafted = lookup.Propose(weak, 200, draft, 0.3);
            if (drafted > 0)
            {
                lookup.Learn(drafted, 0);
            }
        }

        int[] strong = [.. weak, .. Enumerable.Range(100, 20), .. Enumerable.Range(100, 12)];

        Assert.Equal(0, lookup.Propose(weak, 200, draft, 0.3));
        Assert.InRange(lookup.Propose(strong, 200, draft, 0.3), 2, 8);
        Assert.Equal(112, draft[0]);
    }
}
