@echo off
setlocal
set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java"
set /p BUILD=<"%~dp0..\lib\current"
"%JAVA%" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx32m -Xlog:disable -Xlog:all=warning:stderr "-Dpeers.launcher=%~f0" -cp "%~dp0..\lib\%BUILD%\peers-relay.jar" dev.peers.relay.Relay %*
