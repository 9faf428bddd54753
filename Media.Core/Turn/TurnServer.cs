using Parley.Media.Core.Stun;

namespace Parley.Media.Core.Turn;

/// <summary>
/// One worker's STUN and TURN server (RFC 8489, RFC 8656). Datagrams and time in, datagrams out through an <see cref="ITurnSink"/>; one thread. What it may answer to
/// whom it does not know is bounded: a Binding success or one error of at most <see cref="MaxUnauthenticated"/> bytes beside the realm, within its network's budget.
/// </summary>
public sealed class TurnServer
{
    /// <summary>The longest answer without authentication, not counting the realm's value (design section 5).</summary>
    public const int MaxUnauthenticated = 120;

    private const int MaxAnswer = 1024;
    private const int MaxUnknown = 8;

    private readonly TurnState _state;
    private readonly TurnAuthenticator _authenticator;
    private readonly TurnAllocator _allocator;
    private readonly TurnPermissions _permissions;
    private readonly TurnRelaying _relaying;
    private readonly byte[] _realm;
    private long _nextSweep;

    /// <summary>Makes a worker's server.</summary>
    /// <param name="shared">What all workers share.</param>
    /// <param name="sink">What it acts through.</param>
    /// <param name="random">Cryptographic; for ports, tokens and transaction ids.</param>
    /// <param name="tcp">What its TCP allocations act through; null where it makes none.</param>
    public TurnServer(TurnShared shared, ITurnSink sink, Random random, ITurnTcpSink? tcp = null)
    {
        _state = new TurnState(shared, sink, random);
        _authenticator = new TurnAuthenticator(shared);
        _allocator = new TurnAllocator(_state);
        _permissions = new TurnPermissions(_state);
        _relaying = new TurnRelaying(_state);
        if (tcp is not null) Tcp = new TurnTcp(_state, tcp);
        _realm = System.Text.Encoding.UTF8.GetBytes(shared.Settings.Realm);
    }

    /// <summary>Its TCP allocations; null where it makes none.</summary>
    public TurnTcp? Tcp { get; }

    /// <summary>What it did.</summary>
    public TurnCounters Counters => _state.Counters;

    /// <summary>Whether a five-tuple has an allocation.</summary>
    public bool HasAllocation(in FiveTuple path, long nowMs) => _state.Find(path, nowMs) is not null || Tcp?.Has(path) == true;

    /// <summary>Ends what came over a connection that is closed: its five-tuple is no more, and no other will ever be the same.</summary>
    public void Disconnect(in FiveTuple path)
    {
        if (_state.Allocations.TryGetValue(path, out var allocation)) _state.Remove(allocation);
        Tcp?.Disconnect(path);
    }

    /// <summary>Counts what a stream carried that is no message.</summary>
    public void CountMalformed() => Counters.Malformed++;

    /// <summary>Takes a datagram from a client, or a message of a stream.</summary>
    public void Handle(in FiveTuple path, ReadOnlySpan<byte> datagram, long nowMs)
    {
        if (datagram.Length >= 4 && datagram[0] is >= 0x40 and <= 0x7F)
        {
            _relaying.FromChannel(path, datagram, nowMs);
            return;
        }

        if (!StunMessage.TryParse(datagram, out var message) || message.CheckFingerprint() == StunProof.Invalid)
        {
            Counters.Malformed++;
            return;
        }

        switch (message.Class, message.Method)
        {
            case (StunClass.Indication, StunMethod.Send):
                _relaying.FromSend(path, message, nowMs);
                break;
            case (StunClass.Request, StunMethod.Binding):
                AnswerBinding(path, message, nowMs);
                break;
            case (StunClass.Request, StunMethod.Allocate or StunMethod.Refresh or StunMethod.CreatePermission or StunMethod.ChannelBind):
            case (StunClass.Request, StunMethod.Connect or StunMethod.ConnectionBind) when path.IsStream:
                HandleRequest(path, message, nowMs);
                break;
            case (StunClass.Indication, StunMethod.Binding):
                break; // a keepalive (RFC 8489 section 2)
            default:
                Counters.Malformed++;
                break;
        }
    }

    /// <summary>Takes a datagram that came to a relay port which this server adopted.</summary>
    public void HandlePeer(RelayPort relay, AddressKey peer, ReadOnlySpan<byte> data, long nowMs)
    {
        if (relay.Allocation is { } allocation) _relaying.FromPeer(allocation, peer, data, nowMs);
    }

    /// <summary>Takes an ICMP error about a datagram that was sent from a relay port.</summary>
    /// <param name="relay">The port.</param>
    /// <param name="peer">Whom the datagram was for.</param>
    /// <param name="error">The error.</param>
    /// <param name="nowMs">The time.</param>
    public void HandlePeerError(RelayPort relay, AddressKey peer, IcmpError error, long nowMs)
    {
        if (relay.Allocation is { } allocation) _relaying.FromIcmp(allocation, peer, error, nowMs);
    }

    /// <summary>Ends what has expired; returns when to call again, <see cref="long.MaxValue"/> for not before the next input.</summary>
    public long Tick(long nowMs)
    {
        var due = Math.Min(_allocator.Tick(nowMs), Tcp?.Tick(nowMs) ?? long.MaxValue);
        if (_state.Allocations.Count == 0) return due;
        if (nowMs >= _nextSweep)
        {
            foreach (var allocation in _state.Allocations.Values)
            {
                if (allocation.ExpiresAt <= nowMs) _state.Remove(allocation);
            }

            _nextSweep = nowMs + 1000;
        }

        return Math.Min(due, _nextSweep);
    }

    /// <summary>Ends an account's allocations and reservations; <see cref="AccountMeters.Revoke"/> was told before, so that none comes meanwhile.</summary>
    public void Revoke(string account)
    {
        foreach (var allocation in _state.Allocations.Values)
        {
            if (allocation.Charge.Account != account) continue;
            _state.Remove(allocation);
            Counters.Revoked++;
        }

        _allocator.Revoke(account);
        Tcp?.Revoke(account);
    }

    /// <summary>Ends everything: allocations and reservations.</summary>
    public void Close()
    {
        foreach (var allocation in _state.Allocations.Values) _state.Remove(allocation);
        _allocator.Close();
        Tcp?.Close();
    }

    private void HandleRequest(in FiveTuple path, StunMessage message, long nowMs)
    {
        var allocation = _state.Find(path, nowMs);
        var authentication = _authenticator.Check(message, path, allocation?.User ?? Tcp?.Holder(path), nowMs);
        if (authentication.User is not { } user)
        {
            Refuse(path, message, authentication, nowMs);
            return;
        }

        Span<byte> buffer = stackalloc byte[MaxAnswer];
        var code = Run(new TurnRequest(message, path, user, allocation, nowMs) { Authentication = authentication }, buffer, out var answer);
        if (code == TurnTcp.Later) return;
        if (code < 0)
        {
            _state.Send(path, allocation!.Answer);
            return;
        }

        var key = user.Key(authentication.Algorithm);
        if (authentication.SignsSha256) answer.AddIntegritySha256(key);
        else answer.AddIntegrity(key);
        if (message.Has(StunAttribute.Fingerprint)) answer.AddFingerprint();
        if (code == 0 && message.Method == StunMethod.Allocate && _state.Find(path, nowMs) is { } made) made.Answer = answer.Written.ToArray();
        _state.Send(path, answer.Written);
    }

    /// <summary>Runs an authenticated request: 0, an error code, -1 where the answer given before is due again, <see cref="TurnTcp.Later"/>. The answer lacks its integrity.</summary>
    private int Run(scoped in TurnRequest request, Span<byte> buffer, out StunWriter answer)
    {
        var message = request.Message;
        answer = new StunWriter(buffer, StunClass.Success, message.Method, message.TransactionId);
        Span<StunAttribute> unknown = stackalloc StunAttribute[MaxUnknown];
        var unknowns = message.FindUnknownRequired(_state.Known, unknown);
        var isOther = request.Allocation is { } allocation && !request.User.Name.SequenceEqual(allocation.User.Name);
        if (!isOther && message.Method == StunMethod.Allocate && request.Allocation?.IsMadeBy(message) == true) return -1;
        var code = unknowns > 0 ? 420 : Tcp?.Concerns(request) == true ? Tcp.Run(request, ref answer) : isOther && message.Method != StunMethod.Allocate ? 441 : message.Method switch
        {
            StunMethod.Allocate => _allocator.Allocate(request, ref answer),
            StunMethod.Refresh => _allocator.Refresh(request, ref answer),
            StunMethod.Connect or StunMethod.ConnectionBind => 400, // none of this server's
            StunMethod.CreatePermission => _allocator.Join(request) is > 0 and var full ? full : _permissions.CreatePermission(request),
            _ => _allocator.Join(request) is > 0 and var full ? full : _permissions.ChannelBind(request),
        };
        if (code is 0 or TurnTcp.Later) return code;
        answer = new StunWriter(buffer, StunClass.Error, message.Method, message.TransactionId);
        answer.AddErrorCode(code);
        if (code == 420) answer.AddUnknownAttributes(unknown[..unknowns]);
        return code;
    }

    private void AnswerBinding(in FiveTuple path, StunMessage message, long nowMs)
    {
        if (!TryTake(path, nowMs)) return;
        Span<byte> buffer = stackalloc byte[MaxUnauthenticated];
        Span<StunAttribute> unknown = stackalloc StunAttribute[MaxUnknown];
        var unknowns = message.FindUnknownRequired(_state.Known, unknown);
        var answer = new StunWriter(buffer, unknowns > 0 ? StunClass.Error : StunClass.Success, StunMethod.Binding, message.TransactionId);
        if (unknowns == 0) answer.AddXorAddress(StunAttribute.XorMappedAddress, path.Client);
        else
        {
            answer.AddErrorCode(420);
            answer.AddUnknownAttributes(unknown[..unknowns]);
        }

        if (message.Has(StunAttribute.Fingerprint)) answer.AddFingerprint();
        _state.Send(path, answer.Written);
    }

    private void Refuse(in FiveTuple path, StunMessage message, TurnAuthentication authentication, long nowMs)
    {
        if (authentication.Verdict == TurnVerdict.OverBudget) Counters.OverBudget++;
        if (authentication.Verdict == TurnVerdict.OverBudget || (!authentication.IsPaid && !TryTake(path, nowMs))) return;
        if (authentication.Verdict == TurnVerdict.Unauthorized && message.Has(StunAttribute.Username)) Counters.Unauthorized++;

        Span<byte> buffer = stackalloc byte[MaxUnauthenticated + StunMessage.Padded(_realm.Length)];
        var answer = new StunWriter(buffer, StunClass.Error, message.Method, message.TransactionId);
        answer.AddErrorCode(authentication.Verdict switch { TurnVerdict.Malformed => 400, TurnVerdict.Stale => 438, _ => 401 });
        if (authentication.Verdict != TurnVerdict.Malformed)
        {
            Span<byte> nonce = stackalloc byte[TurnNonces.Length];
            _state.Shared.Nonces.Write(path.Client, nowMs, nonce);
            answer.Add(StunAttribute.Realm, _realm);
            answer.Add(StunAttribute.Nonce, nonce);
            answer.Add(StunAttribute.PasswordAlgorithms, TurnAuthenticator.Algorithms);
        }

        if (message.Has(StunAttribute.Fingerprint)) answer.AddFingerprint();
        _state.Send(path, answer.Written);
    }

    private bool TryTake(in FiveTuple path, long nowMs)
    {
        if (_state.Shared.TryTakeAnswer(path.Client.Address, nowMs)) return true;
        Counters.OverBudget++;
        return false;
    }
}
