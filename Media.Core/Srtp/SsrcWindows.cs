namespace Parley.Media.Core.Srtp;

/// <summary>A window per SSRC, for a bounded number of them. Finding a known one allocates nothing.</summary>
internal sealed class SsrcWindows(int limit)
{
    private readonly Dictionary<uint, int> _indexOf = [];
    private ReplayWindow[] _windows = new ReplayWindow[4];

    /// <summary>Whether an SSRC that is not known yet could be added.</summary>
    public bool HasRoom => _indexOf.Count < limit;

    /// <summary>Finds a known SSRC's window; -1 if it is not known.</summary>
    public int Find(uint ssrc) => _indexOf.TryGetValue(ssrc, out var i) ? i : -1;

    /// <summary>The window at an index that <see cref="Find"/> or <see cref="Add"/> gave.</summary>
    public ref ReplayWindow this[int index] => ref _windows[index];

    /// <summary>Adds an SSRC. The caller has seen that there is room and, when receiving, that the packet is authentic.</summary>
    public int Add(uint ssrc)
    {
        var index = _indexOf.Count;
        if (index == _windows.Length) Array.Resize(ref _windows, 2 * index);
        _indexOf.Add(ssrc, index);
        return index;
    }
}
