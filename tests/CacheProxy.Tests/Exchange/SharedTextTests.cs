using CacheProxy.Exchange;

namespace CacheProxy.Tests.Exchange;

public sealed class SharedTextTests
{
    [Fact]
    public void Of_EqualTexts_IsOneInstance()
    {
        string first = new("shared-text-tests".AsSpan());

        Assert.Same(SharedText.Of(first), SharedText.Of(new string(first.AsSpan())));
    }

    [Fact]
    public void Of_ManyTexts_IsAlwaysEqualToWhatWasGiven()
    {
        for (int i = 0; i < 10_000; i++)
        {
            string text = $"text {i}";
            Assert.Equal(text, SharedText.Of(text));
        }
    }

    [Fact]
    public void Of_LongText_IsNotKept()
    {
        string text = new('x', 1000), again = new('x', 1000);

        Assert.Same(text, SharedText.Of(text));
        Assert.Same(again, SharedText.Of(again));
    }
}
