using System.Collections;

namespace CacheProxy.Inference.Scheduling;

/// <summary>Sequences in order of arrival, wherever they were inserted: a preempted one gets its old place back.</summary>
internal sealed class SequenceList : IEnumerable<Sequence>
{
    private readonly List<Sequence> _items = [];

    public int Count => _items.Count;

    public Sequence this[int index] => _items[index];

    public void Add(Sequence sequence)
    {
        int index = _items.Count;
        while (index > 0 && _items[index - 1].Number > sequence.Number)
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
}
