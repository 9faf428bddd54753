namespace Parley.Media.Core.Ice;

/// <summary>The credentials of one ICE generation (RFC 8445 section 9).</summary>
internal sealed class IceGeneration(IceCredentials local)
{
    private readonly List<IceRemoteCandidate> _candidates = [];

    public IceCredentials Local { get; } = local;

    public IceCredentials? Remote { get; private set; }

    /// <summary>What a check coming in has as USERNAME: our fragment, a colon, theirs.</summary>
    public byte[] InboundUsername { get; private set; } = [];

    /// <summary>What a check going out has.</summary>
    public byte[] OutboundUsername { get; private set; } = [];

    public void SetRemote(IceCredentials remote, IReadOnlyList<IceRemoteCandidate> candidates)
    {
        Remote = remote;
        InboundUsername = [.. Local.UfragBytes, (byte)':', .. remote.UfragBytes];
        OutboundUsername = [.. remote.UfragBytes, (byte)':', .. Local.UfragBytes];
        _candidates.Clear();
        _candidates.AddRange(candidates.Take(IceAgent.MaxSignalledCandidates));
    }

    /// <summary>Whether a USERNAME is addressed to these credentials: only our part of it must match (RFC 8445 section 7.3).</summary>
    public bool Owns(ReadOnlySpan<byte> username)
    {
        var ufrag = Local.UfragBytes;
        return username.Length > ufrag.Length && username[ufrag.Length] == (byte)':' && username.StartsWith(ufrag);
    }

    public uint PriorityOf(AddressKey remote, uint claimed)
    {
        foreach (var candidate in _candidates)
        {
            if (candidate.Address == remote) return candidate.Priority;
        }

        return claimed;
    }
}
