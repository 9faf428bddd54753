using System.Text;

namespace Parley.bench.Chat;

/// <summary>Counts a tag in what comes piece by piece, wherever it is cut.</summary>
/// <param name="tag">The tag, or its beginning; its first character is the only of its kind in it.</param>
internal sealed class TagCounter(string tag)
{
    private readonly byte[] _tag = Encoding.UTF8.GetBytes(tag);
    private int _matched;

    /// <summary>How many end in the next piece.</summary>
    public int Count(ReadOnlySpan<byte> bytes)
    {
        var found = 0;
        while (bytes.Length > 0)
        {
            if (_matched == 0)
            {
                var at = bytes.IndexOf(_tag[0]);
                if (at < 0) return found;
                bytes = bytes[(at + 1)..];
                _matched = 1;
                continue;
            }

            if (bytes[0] == _tag[_matched])
            {
                bytes = bytes[1..];
                if (++_matched < _tag.Length) continue;
                found++;
            }

            _matched = 0;
        }

        return found;
    }
}
