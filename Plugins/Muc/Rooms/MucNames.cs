namespace Parley.Plugins.Muc.Rooms;

/// <summary>The namespaces that rooms speak.</summary>
internal static class MucNames
{
    /// <summary>Multi-user chat (XEP-0045).</summary>
    public const string Muc = "http://jabber.org/protocol/muc";
    /// <summary>What rooms tell occupants.</summary>
    public const string User = Muc + "#user";
    /// <summary>Roles and affiliations.</summary>
    public const string Admin = Muc + "#admin";
    /// <summary>Configuration and destruction.</summary>
    public const string Owner = Muc + "#owner";
    /// <summary>The form of the configuration.</summary>
    public const string RoomConfig = Muc + "#roomconfig";
    /// <summary>The form in a room's disco#info.</summary>
    public const string RoomInfo = Muc + "#roominfo";
    /// <summary>The form of requests for voice.</summary>
    public const string Request = Muc + "#request";
    /// <summary>The form of registration.</summary>
    public const string RegisterForm = Muc + "#register";
    /// <summary>A room's ids in messages' <c>stanza-id</c> do not change.</summary>
    public const string StableId = Muc + "#stable_id";
    /// <summary>A ping of one's own nick is answered by the room (XEP-0410).</summary>
    public const string SelfPing = Muc + "#self-ping-optimization";
    /// <summary>Registration (XEP-0077).</summary>
    public const string Register = "jabber:iq:register";
    /// <summary>Occupant ids (XEP-0421).</summary>
    public const string OccupantId = "urn:xmpp:occupant-id:0";
    /// <summary>Retraction (XEP-0424).</summary>
    public const string Retract = "urn:xmpp:message-retract:1";
    /// <summary>Moderation (XEP-0425).</summary>
    public const string Moderate = "urn:xmpp:message-moderate:1";
    /// <summary>Hats (XEP-0317).</summary>
    public const string Hats = "urn:xmpp:hats:0";
    /// <summary>Ad-hoc commands (XEP-0050).</summary>
    public const string Commands = "http://jabber.org/protocol/commands";
    /// <summary>The reserved nickname, a node of disco#info (XEP-0045 section 7.12).</summary>
    public const string ReservedNickNode = "x-roomuser-item";
    /// <summary>Direct invitations (XEP-0249).</summary>
    public const string DirectInvite = "jabber:x:conference";
}
