using Parley.Media.Control;
using Parley.Xmpp.Core.Jingle;

namespace Parley.Plugins.FocusAgent.Negotiation;

/// <summary>A transport of a leg: what we want of the relay, and what it chose.</summary>
public sealed class MediaTransport
{
    /// <summary>Makes a transport. <paramref name="remote"/> is null while we wait for the client's answer.</summary>
    public MediaTransport(string id, IceRole iceRole, DtlsRole dtlsRole, RemoteTransport? remote) => Spec = new TransportSpec(id, iceRole, dtlsRole, remote);

    /// <summary>Makes a transport without ICE.</summary>
    public MediaTransport(string id, RawTransport raw) => Spec = new TransportSpec(id, IceRole.Controlled, DtlsRole.Undecided, null, Raw: raw);

    /// <summary>What we want.</summary>
    public TransportSpec Spec { get; private set; }

    /// <summary>What the relay chose; null until it did.</summary>
    public TransportState? State { get; private set; }

    /// <summary>The client said that either side may begin the DTLS handshake.</summary>
    public bool IsRoleOpen { get; init; }

    /// <summary>The client restarted ICE and is owed our new credentials.</summary>
    public JingleAction? Owed { get; private set; }

    /// <summary>Takes what the relay chose.</summary>
    /// <returns>False if it is not what the client was told: the relay restarted.</returns>
    public bool Confirm(TransportState state)
    {
        var isKept = State is null || State.Generation != state.Generation || (State.Ufrag == state.Ufrag && State.Password == state.Password && State.Fingerprint == state.Fingerprint);
        // Without ICE the ports are all that it was told.
        if (Spec.Raw is not null && State is not null && state.EndedBy is null) isKept = State.Candidates.Select(c => c.Address).SequenceEqual(state.Candidates.Select(c => c.Address));
        State = state;
        return isKept;
    }

    /// <summary>Takes the client's answer.</summary>
    public void Settle(RemoteTransport remote, DtlsRole role) => Spec = Spec with { Remote = remote, DtlsRole = role };

    /// <summary>Begins the DTLS handshake ourselves where the client lets us, as RFC 8842 section 5.3 recommends to whoever answers. Before the relay is told of the transport.</summary>
    public void BecomeClient()
    {
        if (IsRoleOpen) Spec = Spec with { DtlsRole = DtlsRole.Client };
    }

    /// <summary>Takes more candidates, or with other credentials an ICE restart (XEP-0176 section 5.7).</summary>
    /// <param name="news">What the client says.</param>
    /// <param name="answer">How a restart is answered: by transport-info, or transport-accept if it was a transport-replace.</param>
    /// <returns>False if it is neither.</returns>
    public bool TryTake(IceUdpTransport news, JingleAction answer)
    {
        if (Spec.Remote is not { } remote) return false;
        if (IsOtherCertificate(news, remote))
        {
            if (answer != JingleAction.TransportAccept) return false;
            Reject();
            return true;
        }

        if (answer == JingleAction.TransportInfo && (news.Ufrag is null || news.Ufrag == remote.Ufrag))
        {
            var more = RemoteTransports.ReadCandidates(news).Where(c => !remote.Candidates.Contains(c)).Take(RemoteTransports.MaxCandidates - remote.Candidates.Count).ToList();
            if (more.Count > 0) Spec = Spec with { Remote = remote with { Candidates = [.. remote.Candidates, .. more] } };
            return true;
        }

        if (!RemoteTransports.AreCredentials(news.Ufrag, news.Password)) return false;
        Spec = Spec with { Generation = Spec.Generation + 1, Remote = new RemoteTransport(news.Ufrag!, news.Password!, remote.Fingerprints, RemoteTransports.ReadCandidates(news)) };
        Owed = answer;
        return true;
    }

    /// <summary>Refuses another transport in place of this one, which goes on (XEP-0166 section 7.2.14).</summary>
    public void Reject() => Owed = JingleAction.TransportReject;

    /// <summary>The answer that is owed, if the relay has made what it needs.</summary>
    public JingleAction? TakeOwed()
    {
        if (Owed is not { } owed || (owed != JingleAction.TransportReject && State?.Generation != Spec.Generation)) return null;
        Owed = null;
        return owed;
    }

    /// <summary>Our side.</summary>
    /// <param name="setup">Our DTLS role in the wire's word.</param>
    /// <param name="withCandidates">Whether to list our candidates.</param>
    public IceUdpTransport Write(string setup, bool withCandidates = true)
    {
        var state = State ?? throw new InvalidOperationException("The relay has not chosen yet.");
        return new IceUdpTransport
        {
            Ufrag = state.Ufrag,
            Password = state.Password,
            Fingerprints = [new JingleFingerprint(state.Fingerprint.Hash, state.Fingerprint.Value, setup)],
            Candidates = withCandidates ? [.. state.Candidates.Select(c => new JingleCandidate(c.Component, c.Foundation, state.Generation, c.Id, c.Address.Address.ToString(), c.Address.Port, c.Priority, "udp", c.Type))] : [],
        };
    }

    /// <summary>A content with our side of its transport, in the answer to it.</summary>
    public JingleContent Put(JingleContent content) => Spec.Raw is null
        ? content with { Transport = Write(Setup) }
        : content with { RawTransport = RawTransports.Write(State ?? throw new InvalidOperationException("The relay has not chosen yet."), Spec.Raw.Rtcp is null) };

    // The DTLS association outlives a restart of ICE, and with it the certificate: another one would be another association (RFC 8842 section 5.1), which the relay does not make in a transport's place.
    private static bool IsOtherCertificate(IceUdpTransport news, RemoteTransport remote)
    {
        var same = news.Fingerprints.Where(f => remote.Fingerprints.Any(r => r.Hash == f.Hash)).ToList();
        return same.Count > 0 && !same.Exists(f => remote.Fingerprints.Any(r => r.Hash == f.Hash && r.Value == f.Value));
    }

    /// <summary>The wire's word for our settled role.</summary>
    public string Setup => Spec.DtlsRole switch { DtlsRole.Server => "passive", DtlsRole.Client => "active", _ => "actpass" };

    /// <summary>Our role where the client said <paramref name="setup"/> (RFC 8842 section 5): we listen unless it does.</summary>
    public static DtlsRole RoleAgainst(string? setup) => setup == "passive" ? DtlsRole.Client : DtlsRole.Server;
}
