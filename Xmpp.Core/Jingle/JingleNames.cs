using System.Text;

namespace Parley.Xmpp.Core.Jingle;

/// <summary>The actions of XEP-0166 section 7.2.</summary>
public enum JingleAction
{
    ContentAccept, ContentAdd, ContentModify, ContentReject, ContentRemove, DescriptionInfo, SecurityInfo,
    SessionAccept, SessionInfo, SessionInitiate, SessionTerminate, TransportAccept, TransportInfo, TransportReject, TransportReplace,
}

/// <summary>The party that made a content (XEP-0166 section 7.3).</summary>
public enum JingleCreator
{
    Initiator, Responder,
}

/// <summary>Who sends in a content (XEP-0166 section 7.3).</summary>
public enum JingleSenders
{
    Both, Initiator, Responder, None,
}

/// <summary>The reasons of XEP-0166 section 7.4.</summary>
public enum JingleCondition
{
    AlternativeSession, Busy, Cancel, ConnectivityError, Decline, Expired, FailedApplication, FailedTransport, GeneralError, Gone,
    IncompatibleParameters, MediaError, SecurityError, Success, Timeout, UnsupportedApplications, UnsupportedTransports,
}

/// <summary>Turns enumeration members into the words of the wire and back: <c>SessionAccept</c> is <c>session-accept</c>.</summary>
internal static class JingleNames
{
    public static string Write<T>(T value) where T : struct, Enum => Table<T>.Words[value];

    public static bool TryRead<T>(string? word, out T value) where T : struct, Enum
    {
        value = default;
        return word is not null && Table<T>.Values.TryGetValue(word, out value);
    }

    private static class Table<T> where T : struct, Enum
    {
        public static readonly Dictionary<T, string> Words = Enum.GetValues<T>().ToDictionary(v => v, v => Hyphenate(v.ToString()));
        public static readonly Dictionary<string, T> Values = Words.ToDictionary(p => p.Value, p => p.Key, StringComparer.Ordinal);
    }

    private static string Hyphenate(string pascal)
    {
        var word = new StringBuilder(pascal.Length + 4);
        foreach (var c in pascal)
        {
            if (char.IsUpper(c) && word.Length > 0) word.Append('-');
            word.Append(char.ToLowerInvariant(c));
        }

        return word.ToString();
    }
}
