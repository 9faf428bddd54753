using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.FocusAgent.Moderation;

/// <summary>Who moderates one conference, and who may enter it. Used by one thread at a time.</summary>
/// <param name="address">The room.</param>
/// <param name="services">The settings and the time.</param>
/// <param name="rules">What every room goes by.</param>
/// <param name="conference">Who is in.</param>
public sealed class RoomModeration(Jid address, FocusServices services, HouseRules rules, Conference conference)
{
    private readonly DateTimeOffset _begun = services.Clock.GetUtcNow();
    private bool _isTied;

    /// <summary>When the call began.</summary>
    public DateTimeOffset Begun => _begun;

    /// <summary>What is remembered of people.</summary>
    public PeopleBook People { get; } = new();

    /// <summary>What holds in the room.</summary>
    public RoomPolicy Policy => rules.Policies.Of(address);

    /// <summary>The account that came first; null while none has.</summary>
    public Jid? Founder { get; private set; }

    /// <summary>Whether somebody in the call moderates it.</summary>
    public bool IsModerator(Participant participant) => participant.Rights.IsGranted || participant.Rights.Standing is { IsModerator: true } || (!participant.IsGuest && IsModerator(participant.Address.Bare));

    /// <summary>Whether somebody moderates because a moderator said so for this call, and for no other reason.</summary>
    public bool IsOnlyGranted(Participant participant) => participant.Rights.IsGranted && participant.Rights.Standing is not { IsModerator: true } && (participant.IsGuest || !IsModerator(participant.Address.Bare));

    /// <summary>Whether an address that is no guest's moderates, in the call or not.</summary>
    public bool IsModerator(Jid account) =>
        services.Options.Admins.Any(a => Jid.Parse(a) == account) || Policy.Moderators.Contains(account) || (!_isTied && (Reserver() == account || IsHost(account)));

    /// <summary>Whether a moderator is there.</summary>
    public int ModeratorCount => conference.Participants.Count(IsModerator);

    /// <summary>Judges a caller.</summary>
    /// <param name="caller">What is known of it.</param>
    /// <param name="from">Its full address.</param>
    /// <param name="key">By what it is known again.</param>
    /// <param name="isIn">It is in the call, and comes by a new leg.</param>
    /// <param name="password">The password that it gave; null for none.</param>
    public Verdict Judge(Caller caller, Jid from, string key, bool isIn, string? password)
    {
        if (People.IsBanned(key)) return Verdict.Refuse(StanzaCondition.Forbidden, "removed", "A moderator removed you from this call.");
        if (caller.Tie is { } tie)
        {
            _isTied = true;
            if (!ChatRoomTie.Admits(tie.Entry, tie.Standing))
                return Verdict.Refuse(StanzaCondition.Forbidden, "chat-room", tie.Entry == ChatRoomEntry.Members ? $"Only members of {tie.ChatRoom} may be in this call." : $"Only those who are in {tie.ChatRoom} may be in this call.");
        }

        var isGuest = caller.Kind == SenderKind.Guest;
        // A guest knows as many secrets as it likes: where one was put out, none of those is a way back.
        var isKnown = People.IsKnown(key) && !(isGuest && People.IsSuspect(caller.Network));
        if (isIn || isKnown || caller.Tie?.Standing is { IsModerator: true } || (!isGuest && IsModerator(from.Bare))) return Verdict.Pass;
        var policy = Policy;
        if (policy.IsLocked) return Verdict.Refuse(StanzaCondition.Forbidden, "locked", "The room is locked: nobody new is let in.");
        if (caller.Tie?.Standing is { IsMember: true } || (!isGuest && policy.Members.Contains(from.Bare))) return Verdict.Pass;
        if (policy.IsMembersOnly) return Verdict.Refuse(StanzaCondition.RegistrationRequired, "members-only", "Only members may enter this room.");
        if (policy.Password is { } expected && !rules.Passwords.WasGiven(address, from) && JudgePassword(expected, password, from, caller) is { } refusal) return refusal;
        return policy.HasLobby || (isGuest && People.IsSuspect(caller.Network)) ? Verdict.Wait : Verdict.Pass;
    }

    /// <summary>Somebody was let in.</summary>
    public void Welcome(Participant participant, Caller caller, string key)
    {
        participant.Rights.Key = key;
        participant.Network = caller.Network;
        participant.Rights.Standing = caller.Tie?.Standing;
        People.Know(key);
        People.Restore(participant.Rights);
        if (caller.Kind == SenderKind.Account) Founder ??= participant.Address.Bare;
    }

    private Verdict? JudgePassword(string expected, string? given, Jid from, Caller caller)
    {
        if (given is null) return Verdict.Refuse(StanzaCondition.NotAuthorized, "password", "This room has a password.");
        return rules.Passwords.Judge(expected, given, from, caller) switch
        {
            PasswordResult.Right => null,
            PasswordResult.Wrong => Verdict.Refuse(StanzaCondition.NotAuthorized, "wrong-password", "That is not the password."),
            _ => new Verdict(new StanzaError(StanzaCondition.ResourceConstraint, StanzaErrorType.Wait, "Too many wrong passwords: try again in a minute.", new Parley.Xmpp.Core.Xml.Element("too-many-tries", ModerationNames.Namespace)), false),
        };
    }

    // A reservation that was made while others were calling already takes nothing from them.
    private Jid? Reserver() => services.Options.Moderators != Moderators.Named && rules.Reservations.FirstOf(address) is { } first && (first.Since <= _begun || first.Account == Founder || Founder is null) ? first.Account : null;

    // While whoever came first is away, whoever has been there longest stands in.
    private bool IsHost(Jid account)
    {
        if (services.Options.Moderators != Moderators.Hosts || Founder is not { } founder || (rules.Reservations.FirstOf(address) is { } first && first.Since <= _begun)) return false;
        if (account == founder) return true;
        return conference.Participants.FirstOrDefault(p => p.IsAccount) is { } eldest && eldest.Address.Bare == account && conference.Participants.All(p => p.Address.Bare != founder);
    }
}
