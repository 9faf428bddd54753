namespace Parley.Xmpp.Server.Streams;

/// <summary>How much of something each of those who use it has, bounded.</summary>
internal sealed class Shares<T> where T : notnull
{
    private readonly Dictionary<T, int> _counts = [];

    /// <summary>Counts one more; false if that is one too many.</summary>
    public bool TryAdd(T key, int most)
    {
        lock (_counts)
        {
            var now = _counts.GetValueOrDefault(key);
            if (now >= most) return false;
            _counts[key] = now + 1;
            return true;
        }
    }

    /// <summary>One is gone.</summary>
    public void Remove(T key)
    {
        lock (_counts)
        {
            if (--_counts[key] == 0) _counts.Remove(key);
        }
    }
}
