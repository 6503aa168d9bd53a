using System.Collections;

namespace CacheProxy.Inference.Scheduling;

/// <summary>
/// Sequences, the most urgent first and among equals in order of arrival, wherever they were inserted: the last one is the
/// first to be preempted, and a preempted one gets its old place back.
/// </summary>
internal sealed class SequenceList : IEnumerable<Sequence>
{
    private readonly List<Sequence> _items = [];

    public int Count => _items.Count;

    public Sequence this[int index] => _items[index];

    public void Add(Sequence sequence)
    {
        int index = _items.Count;
        while (index > 0 && IsBefore(sequence, _items[index - 1]))
        {
            index--;
        }

        _items.Insert(index, sequence);
    }

    public void RemoveAt(int index) => _items.RemoveAt(index);

    public bool Remove(Sequence sequence) => _items.Remove(sequence);

    public List<Sequence>.Enumerator GetEnumerator() => _items.GetEnumerator();

    IEnumerator<Sequence> IEnumerable<Sequence>.GetEnumerator() => _items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _items.GetEnumerator();

    private static bool IsBefore(Sequence a, Sequence b) => a.Urgency != b.Urgency ? a.Urgency < b.Urgency : a.Number < b.Number;
}
