using System.Diagnostics;
using CacheProxy.Observability.Tracing;

namespace CacheProxy.Flight;

/// <summary>What a request waits for another's answer. When it ends it links to the span that the answer is made under, wherever that is traced.</summary>
internal readonly struct WaitSpan : IDisposable
{
    private readonly Activity? _span;
    private readonly SharedAnswer _answer;

    private WaitSpan(Activity? span, SharedAnswer answer) => (_span, _answer) = (span, answer);

    /// <summary>Call it in an async method, whose caller keeps the span that is current there.</summary>
    public static WaitSpan Start(SharedAnswer answer) => new(ProxySpans.Start(ProxySpans.Wait), answer);

    public void Dispose()
    {
        if (_span is null)
        {
            return;
        }

        // Not at its start: whoever joins at once may be faster than the leader's own first step.
        if (_answer.LeaderSpan is var leader && leader != default)
        {
            _span.AddLink(new ActivityLink(leader));
        }

        _span.Dispose();
    }
}
