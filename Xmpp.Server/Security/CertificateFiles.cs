namespace Parley.Xmpp.Server.Security;

/// <summary>Where a certificate is kept.</summary>
/// <param name="Certificate">The PEM chain.</param>
/// <param name="Key">The PEM key; may be the same file.</param>
/// <param name="Blame">The configuration's key that names them.</param>
/// <param name="Domain">The domain that it must bear; null: whatever it bears.</param>
internal sealed record CertificateFiles(string Certificate, string Key, string Blame, string? Domain = null)
{
    /// <summary>What tells one state of the files from another: where they really are (renewal tools move links), when they were written, and how long they are.</summary>
    /// <exception cref="IOException">They cannot be looked at.</exception>
    public string Stamp() => $"{StampOf(Certificate)} {StampOf(Key)}";

    private static string StampOf(string path)
    {
        var file = new FileInfo(path);
        var real = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
        return $"{real.FullName}:{real.LastWriteTimeUtc.Ticks}:{(real.Exists ? real.Length : -1)}";
    }
}
