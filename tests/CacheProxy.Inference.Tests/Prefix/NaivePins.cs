using CacheProxy.Inference.Prefix;
using CacheProxy.TestKit;

namespace CacheProxy.Inference.Tests.Prefix;

/// <summary>The pins of a tree as a plain list of token strings with the times at which they end, beside the book that is tested.</summary>
internal sealed class NaivePins(PrefixTree tree, FakeTimeProvider time, int maxBlocks)
{
    private readonly PinBook _book = new(tree, time, maxBlocks);
    private readonly List<Pin> _pins = [];

    public int Made { get; private set; }

    public int Refused { get; private set; }

    public int Expired { get; private set; }

    public int Refreshed { get; private set; }

    public void Add(string salt, int[] tokens, TimeSpan ttl)
    {
        tree.FindFull(salt, tokens, out int blocks);
        int[] held = tokens[..(blocks * tree.BlockSize)];
        int known = _pins.FindIndex(pin => pin.Salt == salt && pin.Tokens.AsSpan().SequenceEqual(held));
        var added = new Pin(salt, held, ttl, time.GetUtcNow() + ttl);
        bool fits = known >= 0 || Blocks([.. _pins, added]) <= maxBlocks;
        PinOutcome expected = blocks == 0 ? PinOutcome.NotCached : fits ? PinOutcome.Pinned : PinOutcome.OverBudget;

        Assert.Equal(expected, _book.TryPin(salt, tokens, ttl, out int pinnedTokens));

        Assert.Equal(expected == PinOutcome.Pinned ? held.Length : 0, pinnedTokens);
        Refused += expected == PinOutcome.OverBudget ? 1 : 0;
        if (expected == PinOutcome.Pinned)
        {
            Made++;
            _pins.RemoveAll(pin => known >= 0 && pin == _pins[known]);
            _pins.Add(added);
        }
    }

    /// <summary>A prompt is served from a match: pins that end inside it start anew.</summary>
    public void Serve(string salt, int[] tokens, PrefixMatch match)
    {
        _book.RefreshAlong(match);
        ReadOnlySpan<int> served = tokens.AsSpan(0, match.FullBlocks * tree.BlockSize);
        for (int index = 0; index < _pins.Count; index++)
        {
            if (_pins[index].Salt == salt && served.StartsWith(_pins[index].Tokens))
            {
                _pins[index] = _pins[index] with { Ends = time.GetUtcNow() + _pins[index].Ttl };
                Refreshed++;
            }
        }
    }

    public void Expire(TimeSpan later)
    {
        time.Advance(later);
        _book.Expire();
        Expired += _pins.RemoveAll(pin => pin.Ends <= time.GetUtcNow());
    }

    /// <summary>The one that would end first goes; of several with the same end the book may choose.</summary>
    public void Yield()
    {
        Assert.Equal(_pins.Count > 0, _book.TryYield());
        if (_pins.Count > 0)
        {
            DateTimeOffset first = _pins.Min(pin => pin.Ends);
            List<Pin> could = [.. _pins.Where(pin => pin.Ends == first)];
            _pins.Remove(could.Find(pin => tree.FindFull(pin.Salt, pin.Tokens, out int _)?.Pin is null) ?? throw new InvalidOperationException("A later pin went."));
        }
    }

    public void Clear(string? salt)
    {
        _book.Clear(salt);
        _pins.RemoveAll(pin => salt is null || pin.Salt == salt);
    }

    public void Check()
    {
        Assert.Equal(_pins.Count, _book.Count);
        Assert.Equal(Blocks(_pins), tree.PinnedCount);
        Assert.InRange(tree.PinnedCount, 0, maxBlocks);
        foreach (Pin pin in _pins)
        {
            Assert.NotNull(tree.FindFull(pin.Salt, pin.Tokens, out int blocks)?.Pin);
            Assert.Equal(pin.Tokens.Length, blocks * tree.BlockSize);
        }
    }

    private int Blocks(IEnumerable<Pin> pins) => pins
        .SelectMany(pin => Enumerable.Range(1, pin.Tokens.Length / tree.BlockSize).Select(block => pin.Salt + ":" + string.Join(',', pin.Tokens.Take(block * tree.BlockSize))))
        .Distinct().Count();

    private sealed record Pin(string Salt, int[] Tokens, TimeSpan Ttl, DateTimeOffset Ends);
}
