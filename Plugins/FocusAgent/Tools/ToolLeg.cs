using System.Net;
using Parley.Media.Control;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Legs.Mixed;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Plugins.FocusAgent.Signalling;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Tools;

/// <summary>
/// The leg of a program without XMPP (docs/legs/raw-udp.md): plain RTP both ways, in which it gets what a Mixed leg does, everybody else mixed and whoever speaks. What was agreed was said when it was
/// made, and nothing is said after: media decide.
/// </summary>
public sealed class ToolLeg : Leg, IMixedReceiver
{
    private readonly TaskCompletionSource<MediaToolConnection> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _name;
    private readonly IPAddress _address;
    private readonly IReadOnlyList<ToolStream> _streams;
    private readonly TransportSpec[] _transports;
    private readonly TrackSpec[] _specs;
    private readonly Action _ended;
    private Dictionary<string, IPEndPoint>? _ours;
    private TrackSpec? _keysAlone;
    private bool _isSwitchedOff;

    /// <summary>Makes a leg.</summary>
    /// <param name="participant">Whose it is.</param>
    /// <param name="room">The room's bare address.</param>
    /// <param name="address">The tool's address, which was judged.</param>
    /// <param name="streams">Its streams, at most one of a kind.</param>
    /// <param name="options">The settings.</param>
    /// <param name="slots">What it receives, still empty.</param>
    /// <param name="ended">Called once it is over.</param>
    public ToolLeg(Participant participant, Jid room, IPAddress address, IReadOnlyList<ToolStream> streams, RawUdpOptions options, MixedSlots slots, Action ended) : base(participant.Id, participant, room.WithResource(participant.Id))
    {
        participant.Rights.Key = $" {participant.Id}"; // no person's: whoever removes it removes this one
        (_name, _address, _streams, _ended) = (room.ToString(), address, streams, ended);
        _transports = [.. streams.Select(s => new TransportSpec(s.TransportId, IceRole.Controlled, DtlsRole.Undecided, null, Raw: RawTransports.Of(
            new(address, s.Wish.Port), s.Wish.HasRtcpMux ? null : new(address, s.Wish.Port + 1), options)))];
        var sending = streams.Where(s => s.Sends).ToList();
        Tracks = [.. sending.Select(s => new Track($"{Id}.{s.TransportId}", s.Kind))];
        _specs = [.. sending.Select(s => new TrackSpec($"{Id}.{s.TransportId}", s.Kind, s.TransportId, null, null, null, s.Kind == MediaKind.Audio ? [s.Payload, TelephoneKeys.Beside(s.Payload)] : [s.Payload], []))];
        var (ssrcs, cname) = (new Ssrcs(), Ids.New());
        Slots = slots;
        slots.Add(streams.Where(s => s.Receives).Select(s => new ForwarderSpec(s.TransportId, s.Kind, s.TransportId, null, ssrcs.Next(), null, cname, [s.Payload], [], null, slots.FeedOf(s.Kind))));
    }

    /// <summary>What is answered to whoever connects the tool.</summary>
    public Task<MediaToolConnection> Answer => _answer.Task;

    /// <inheritdoc/>
    public override string Kind => "tool";

    /// <inheritdoc/>
    public override IReadOnlyList<Track> Tracks { get; }

    /// <inheritdoc/>
    public KeyCommands Keys { get; } = new();

    /// <inheritdoc/>
    public MixedSlots Slots { get; }

    /// <inheritdoc/>
    public override bool IsListening => false;

    /// <inheritdoc/>
    public override void Assign(Conference conference)
    {
        // The relay mixes, and knows best who speaks.
    }

    /// <inheritdoc/>
    public override EndpointSpec Describe(Conference conference) => new(Id, _transports, [.. _specs.Select(Taken).OfType<TrackSpec>()], Slots.All);

    /// <inheritdoc/>
    public CueSound SwitchMicrophone()
    {
        if (Tracks.FirstOrDefault(t => t.Kind == MediaKind.Audio) is not { } track) return CueSound.Denied;
        _isSwitchedOff = track.IsMuted = !track.IsMuted && Participant.Rights.Of(MediaKind.Audio) != Silence.Muted;
        if (!track.IsMuted) Participant.Rights.TakeBack(MediaKind.Audio);
        return track.IsMuted ? CueSound.Off : Participant.Rights.IsSilenced(MediaKind.Audio) ? CueSound.Denied : CueSound.On;
    }

    /// <inheritdoc/>
    public override bool Confirm(EndpointState state)
    {
        IsConfirmed = true;
        // A relay that restarted has other ports than the ones that the tool sends to.
        var ours = state.Transports.Where(t => t.Candidates.Count > 0).ToDictionary(t => t.Id, t => t.Candidates[0].Address);
        var isKept = _ours is null || ours.All(o => _ours.TryGetValue(o.Key, out var before) && before.Equals(o.Value));
        _ours ??= ours;
        return isKept;
    }

    /// <inheritdoc/>
    public override void Signal(Conference conference)
    {
        if (Answer.IsCompleted || _ours is null || !_streams.All(s => _ours.ContainsKey(s.TransportId))) return;
        _answer.TrySetResult(new(MediaToolResult.Done, ToolDescription.Write(_name, _address, [.. _streams.Select(s => (s, _ours[s.TransportId]))]), Participant.Id));
    }

    /// <summary>Whoever connects it may not enter this room, and so brings nothing in.</summary>
    public void Refuse(string why) => End(new(MediaToolResult.NotAllowed, why));

    /// <inheritdoc/>
    public override void Refuse(RelayFault fault) => End(fault switch
    {
        RelayFault.BadRequest => new(MediaToolResult.Impossible, "The relay takes no such address or port: it must be one machine's, and not the relay's own."),
        RelayFault.ResourceConstraint => new(MediaToolResult.TooMany, "The relay has as much to do as it may have."),
        _ => new(MediaToolResult.Off, "The relay carries no media without encryption."),
    });

    /// <inheritdoc/>
    public override void Notify(Element info, string words)
    {
        // Nobody is there who could read it.
    }

    /// <inheritdoc/>
    public override void Close(LegEnd why) =>
        End(why == LegEnd.NeverConnected ? new(MediaToolResult.TooMany, "None of Media:RawPorts is free, or there is no way to the tool's address.") : new(MediaToolResult.Off, "The call ended."));

    /// <inheritdoc/>
    public override void OnTransportConnected(string transportId) => IsConnected = true;

    /// <inheritdoc/>
    public override LegEnd? OnTransportEnded(string transportId, TransportEnd why) => Reasons.Of(why);

    /// <inheritdoc/>
    public override Subscription? Find(Participant sender, MediaKind kind) => null;

    // Of a microphone that is off, by whomever, the keys alone are taken, which may switch it on again.
    private TrackSpec? Taken(TrackSpec spec) => spec.Kind == MediaKind.Audio
        ? _isSwitchedOff || Participant.Rights.IsSilenced(spec.Kind) ? _keysAlone ??= TelephoneKeys.Alone(spec) : spec
        : Participant.Rights.IsSilenced(spec.Kind) ? null : spec;

    private void End(MediaToolConnection refusal)
    {
        _answer.TrySetResult(refusal);
        _ended();
    }
}
