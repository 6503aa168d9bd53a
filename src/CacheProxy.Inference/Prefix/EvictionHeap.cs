using System.Diagnostics.CodeAnalysis;

namespace CacheProxy.Inference.Prefix;

/// <summary>What can be given up, the least valuable first: a binary heap that knows where each item stands, so that any can leave in O(log n).</summary>
internal sealed class EvictionHeap<T>(int capacity)
    where T : class, IEvictable
{
    private T[] _items = new T[capacity];

    public int Count { get; private set; }

    public bool TryPeek([NotNullWhen(true)] out T? first)
    {
        first = Count > 0 ? _items[0] : null;
        return first is not null;
    }

    public void Add(T item)
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, Math.Max(16, _items.Length * 2));
        }

        _items[Count] = item;
        item.HeapIndex = Count;
        Rise(Count++);
    }

    public void Remove(T item)
    {
        int index = item.HeapIndex;
        item.HeapIndex = -1;
        T last = _items[--Count];
        _items[Count] = null!;
        if (index == Count)
        {
            return;
        }

        Place(last, index);
        Rise(index);
        Sink(last.HeapIndex);
    }

    /// <summary>In no useful order, for the integrity check.</summary>
    public ReadOnlySpan<T> Items => _items.AsSpan(0, Count);

    private void Rise(int index)
    {
        T item = _items[index];
        while (index > 0 && IsBefore(item, _items[(index - 1) / 2]))
        {
            Place(_items[(index - 1) / 2], index);
            index = (index - 1) / 2;
        }

        Place(item, index);
    }

    private void Sink(int index)
    {
        T item = _items[index];
        while ((2 * index) + 1 < Count)
        {
            int child = (2 * index) + 1;
            if (child + 1 < Count && IsBefore(_items[child + 1], _items[child]))
            {
                child++;
            }

            if (!IsBefore(_items[child], item))
            {
                break;
            }

            Place(_items[child], index);
            index = child;
        }

        Place(item, index);
    }

    private void Place(T item, int index)
    {
        _items[index] = item;
        item.HeapIndex = index;
    }

    // Stamps differ, so equal priorities do not make the order depend on the heap's past.
    private static bool IsBefore(T first, T second) =>
        first.Priority < second.Priority || (first.Priority == second.Priority && first.Stamp < second.Stamp);
}
