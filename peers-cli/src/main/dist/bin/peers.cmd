@echo off
setlocal
set "LIB=%~dp0..\lib"
set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java"
for %%j in ("%LIB%\peers-cli-*.jar") do set "JAR=%%j"
"%JAVA%" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -jar "%JAR%" %*
