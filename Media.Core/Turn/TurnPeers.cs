namespace Parley.Media.Core.Turn;

/// <summary>A channel: a number that stands for a peer (RFC 8656 section 12).</summary>
internal sealed class TurnChannel(ushort number, AddressKey peer)
{
    public ushort Number { get; } = number;

    public AddressKey Peer { get; } = peer;

    public long ExpiresAt { get; set; }
}

/// <summary>An allocation's permissions and channels. What has expired counts as gone, and is removed when its room is needed.</summary>
internal sealed class TurnPeers(int max)
{
    public const long PermissionMs = 300_000, ChannelMs = 600_000;

    // Until when data from an address may come in (RFC 8656 section 9).
    private readonly Dictionary<UInt128, long> _permissions = [];
    private readonly Dictionary<ushort, TurnChannel> _byNumber = [];
    private readonly Dictionary<AddressKey, TurnChannel> _byPeer = [];

    /// <summary>Whether nobody was ever permitted, or not for long.</summary>
    public bool IsEmpty => _permissions.Count == 0;

    public bool IsPermitted(UInt128 address, long nowMs) => _permissions.TryGetValue(address, out var until) && until > nowMs;

    public TurnChannel? Channel(ushort number, long nowMs) => _byNumber.TryGetValue(number, out var channel) && channel.ExpiresAt > nowMs ? channel : null;

    public TurnChannel? Channel(AddressKey peer, long nowMs) => _byPeer.TryGetValue(peer, out var channel) && channel.ExpiresAt > nowMs ? channel : null;

    /// <summary>Whether so many permissions more have room.</summary>
    public bool HasRoom(int more, long nowMs)
    {
        if (_permissions.Count + more > max) RemoveExpired(nowMs);
        return _permissions.Count + more <= max;
    }

    /// <summary>Installs or refreshes a permission; false if there is no room.</summary>
    public bool Permit(UInt128 address, long nowMs)
    {
        if (!_permissions.ContainsKey(address) && !HasRoom(1, nowMs)) return false;
        _permissions[address] = nowMs + PermissionMs;
        return true;
    }

    /// <summary>Binds or refreshes a channel and its permission.</summary>
    /// <returns>0, 400 if the number or the peer is bound otherwise, 508 if there is no room.</returns>
    public int Bind(ushort number, AddressKey peer, long nowMs)
    {
        var channel = Channel(number, nowMs);
        if (channel != Channel(peer, nowMs)) return 400;
        if (channel is null && _byNumber.Count >= max) RemoveExpired(nowMs);
        if (channel is null && _byNumber.Count >= max) return 508;
        if (!Permit(peer.Address, nowMs)) return 508;
        if (channel is null)
        {
            // Expired rows of the same number or peer go together with their other halves.
            if (_byNumber.TryGetValue(number, out var old)) Remove(old);
            if (_byPeer.TryGetValue(peer, out old)) Remove(old);
            channel = _byNumber[number] = _byPeer[peer] = new TurnChannel(number, peer);
        }

        channel.ExpiresAt = nowMs + ChannelMs;
        return 0;
    }

    private void Remove(TurnChannel channel)
    {
        _byNumber.Remove(channel.Number);
        _byPeer.Remove(channel.Peer);
    }

    private void RemoveExpired(long nowMs)
    {
        foreach (var channel in _byNumber.Values)
        {
            if (channel.ExpiresAt <= nowMs) Remove(channel);
        }

        foreach (var (address, until) in _permissions)
        {
            if (until <= nowMs) _permissions.Remove(address);
        }
    }
}
