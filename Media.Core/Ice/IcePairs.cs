namespace Parley.Media.Core.Ice;

/// <summary>The paths that an agent knows, bounded.</summary>
internal sealed class IcePairs(IIceSink sink)
{
    /// <summary>Paths kept; beyond it the least useful is forgotten.</summary>
    public const int Max = 16;

    /// <summary>How long a path counts as fresh after a check or an answer.</summary>
    public const long StaleMs = 7_000;

    private readonly List<IcePair> _pairs = [];

    public List<IcePair>.Enumerator GetEnumerator() => _pairs.GetEnumerator();

    public IcePair? Find(IceGeneration generation, AddressKey local, AddressKey remote)
    {
        foreach (var pair in _pairs)
        {
            if (pair.Remote == remote && pair.Local == local && pair.Generation == generation) return pair;
        }

        return null;
    }

    /// <summary>Adds a path; null if there is no room that may be made.</summary>
    public IcePair? Add(IceGeneration generation, AddressKey local, AddressKey remote, IcePair? selected, long nowMs)
    {
        if (_pairs.Count >= Max)
        {
            IcePair? least = null;
            foreach (var old in _pairs)
            {
                if (old == selected || old.IsValid && nowMs - old.LastInboundMs < StaleMs) continue;
                if (least is null || old.LastInboundMs < least.LastInboundMs) least = old;
            }

            if (least is null) return null;
            Remove(least);
        }

        var pair = new IcePair(generation, local, remote);
        _pairs.Add(pair);
        sink.PathLearned(local, remote);
        return pair;
    }

    /// <summary>The best path that works: of the newest generation first, then by priority.</summary>
    public IcePair? BestValid(IceGeneration current)
    {
        IcePair? best = null;
        foreach (var pair in _pairs)
        {
            if (!pair.IsValid) continue;
            var isBetter = best is null || (pair.Generation == current, pair.Priority).CompareTo((best.Generation == current, best.Priority)) > 0;
            if (isBetter) best = pair;
        }

        return best;
    }

    /// <summary>A working path that the peer checked lately, other than the one in use.</summary>
    public IcePair? FreshestOther(IcePair used, long nowMs)
    {
        IcePair? best = null;
        foreach (var pair in _pairs)
        {
            if (pair == used || !pair.IsValid || pair.Generation != used.Generation || nowMs - pair.LastInboundMs > StaleMs) continue;
            if (best is null || pair.LastInboundMs > best.LastInboundMs) best = pair;
        }

        return best;
    }

    /// <summary>Forgets a generation's paths, or all.</summary>
    public void Forget(IceGeneration? generation)
    {
        for (var i = _pairs.Count - 1; i >= 0; i--)
        {
            if (generation is null || _pairs[i].Generation == generation) Remove(_pairs[i]);
        }
    }

    private void Remove(IcePair pair)
    {
        _pairs.Remove(pair);
        foreach (var other in _pairs)
        {
            if (other.Local == pair.Local && other.Remote == pair.Remote) return; // another generation still has it
        }

        sink.PathForgotten(pair.Local, pair.Remote);
    }
}
